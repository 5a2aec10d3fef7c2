package client

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// A Region is a place where sandboxes run.
type Region struct {
	ID             string `json:"id"`             // assigned by the server
	Name           string `json:"name"`           // for people
	OrganizationID string `json:"organizationId"` // "" if the region is the platform's
	Type           string `json:"regionType"`     // shared, dedicated or custom
}

// Regions lists the regions that the organisation may use.
func (c *Client) Regions(ctx context.Context) ([]Region, error) {
	return send[unpagedList[Region]](ctx, c, request{method: http.MethodGet, path: []string{"regions"}})
}

// ServerConfig is the configuration of a server. A field that the server does not
// report is zero.
type ServerConfig struct {
	Version                string      `json:"version"`                // of the server, such as v0.190.0
	Environment            string      `json:"environment"`            // such as production
	DefaultSnapshot        string      `json:"defaultSnapshot"`        // of sandboxes created without snapshot and image
	MaxAutoArchiveInterval int         `json:"maxAutoArchiveInterval"` // minutes; 0 and longer intervals are stored as this one
	Maintenance            bool        `json:"maintananceMode"`        // the API spells it this way
	ProxyToolboxURL        string      `json:"proxyToolboxUrl"`        // the proxy to the toolboxes of sandboxes
	AnalyticsAPIURL        string      `json:"analyticsApiUrl"`        // the service for usage data
	RateLimit              *RateLimits `json:"rateLimit"`              // nil if the server does not report its limits
}

// ServerConfig reads the configuration of the server. The client paces requests by
// the rate limits in it until responses report those of the organisation.
func (c *Client) ServerConfig(ctx context.Context) (ServerConfig, error) {
	config, err := send[ServerConfig](ctx, c, request{method: http.MethodGet, path: []string{"config"}})
	if err == nil {
		c.serverInfo.setRateLimits(config.RateLimit)
		c.pacer.SetServerLimits(config.RateLimit.requests())
	}
	return config, err
}

// A Key is the API key in use, without its secret.
type Key struct {
	Name           string    `json:"name"`           // given at its creation
	UserID         string    `json:"userId"`         // of the user who created it
	OrganizationID string    `json:"organizationId"` // "" if the server does not report it
	Permissions    []string  `json:"permissions"`    // such as write:sandboxes
	ExpiresAt      time.Time `json:"expiresAt"`      // zero if the key does not expire
}

// Allows reports whether the key holds a permission, such as write:sandboxes.
func (k Key) Allows(permission string) bool { return slices.Contains(k.Permissions, permission) }

// CurrentKey reads the API key in use. With a JWT the error is Unauthorized.
func (c *Client) CurrentKey(ctx context.Context) (Key, error) {
	return send[Key](ctx, c, request{method: http.MethodGet, path: []string{"api-keys", "current"}})
}
