package client

import (
	"context"
	"net/http"
	"strings"
)

// A Registry is a registry of images that the organisation has given Daytona
// credentials for. Private base images and pulled images need one.
type Registry struct {
	ID   string `json:"id"`           // assigned by the server
	Name string `json:"name"`         // for people; not unique
	URL  string `json:"url"`          // as the server stores it; see Host
	Type string `json:"registryType"` // "organization" for those of the organisation
}

// Host returns the host of the registry as it stands in references to its images, such
// as "ghcr.io".
func (r Registry) Host() string {
	address := r.URL
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	host, _, _ := strings.Cut(address, "/")
	return strings.ToLower(host)
}

// Registries lists the registries of the organisation, without their credentials. The
// server's own are left out.
func (c *Client) Registries(ctx context.Context) ([]Registry, error) {
	all, err := send[unpagedList[Registry]](ctx, c, request{method: http.MethodGet, path: []string{"docker-registry"}})
	var own []Registry
	for _, r := range all {
		if r.Type == "" || r.Type == "organization" {
			own = append(own, r)
		}
	}
	return own, err
}
