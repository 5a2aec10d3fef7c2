package client

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegistries(t *testing.T) {
	c := over(t, func(*http.Request) (*http.Response, error) {
		return answer(200, []map[string]any{
			{"id": "1", "name": "ours", "url": "https://Registry.test:5000/", "registryType": "organization"},
			{"id": "2", "name": "Daytona's", "url": "internal.test", "registryType": "internal"},
			{"id": "3", "name": "plain", "url": "ghcr.io/team"},
		}), nil
	})
	list, err := c.Registries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]string{}
	for _, r := range list {
		hosts[r.ID] = r.Host()
	}
	if diff := cmp.Diff(map[string]string{"1": "registry.test:5000", "3": "ghcr.io"}, hosts); diff != "" {
		t.Error(diff)
	}
}
