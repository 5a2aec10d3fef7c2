package transport_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"fleet/client"
	"fleet/client/internal/transport"
)

func TestRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []int{503, 429, 200, 200}
		n := 0
		c := over(t, func(*http.Request) (*http.Response, error) {
			res := answer(answers[n], map[string]any{"id": "i"})
			res.Header.Set("X-Request-Id", fmt.Sprintf("r%d-%s", n, testKey))
			n++
			return res, nil
		})
		var one, other client.Recorder
		if _, err := c.Sandbox(one.WithContext(t.Context()), "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Sandbox(other.WithContext(t.Context()), "b"); err != nil {
			t.Fatal(err)
		}
		got := one.Log()
		if got.Requests != 3 || got.Retries != 2 || got.RateLimited != 1 || got.Wait <= 0 {
			t.Errorf("log: %+v", got)
		}
		if want := []string{"r0-(hidden)", "r1-(hidden)", "r2-(hidden)"}; !slices.Equal(got.RequestIDs, want) {
			t.Errorf("ids %q, want %q", got.RequestIDs, want)
		}
		if other := other.Log(); other.Requests != 1 || other.Retries != 0 {
			t.Errorf("logs are mixed up: %+v", other)
		}
		if sum := got.Add(client.RequestLog{Requests: 2, RequestIDs: []string{"x", "y", "z"}}); sum.Requests != 5 || len(sum.RequestIDs) != transport.MaxRequestIDs || sum.RequestIDs[4] != "z" {
			t.Errorf("sum: %+v", sum)
		}
	})
}
