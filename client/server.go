package client

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// Region is where sandboxes can run.
type Region struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	OrganizationID string `json:"organizationId"` // "" for a region of the platform
	Type           string `json:"regionType"`
}

// Regions are those the organisation may use.
func (c *Client) Regions(ctx context.Context) ([]Region, error) {
	return send[unpagedList[Region]](ctx, c, request{method: http.MethodGet, path: []string{"regions"}})
}

// ServerConfig is what a server says of itself. Members it does not tell are zero.
type ServerConfig struct {
	Version                string      `json:"version"`
	Environment            string      `json:"environment"`
	DefaultSnapshot        string      `json:"defaultSnapshot"`        // for sandboxes created from nothing
	MaxAutoArchiveInterval int         `json:"maxAutoArchiveInterval"` // minutes; 0 and more than this are stored as this
	Maintenance            bool        `json:"maintananceMode"`        // spelt so by the API
	ProxyToolboxURL        string      `json:"proxyToolboxUrl"`
	AnalyticsAPIURL        string      `json:"analyticsApiUrl"`
	RateLimit              *RateLimits `json:"rateLimit"` // nil when it does not speak of them
}

// RateLimits are the server's defaults; an organisation may have others.
type RateLimits struct {
	FailedAuth       RateLimit `json:"failedAuth"`
	Authenticated    RateLimit `json:"authenticated"`
	SandboxCreate    RateLimit `json:"sandboxCreate"`
	SandboxLifecycle RateLimit `json:"sandboxLifecycle"`
	SandboxList      RateLimit `json:"sandboxList"`
}

// RateLimit is a number of requests per window; zero when not told.
type RateLimit struct {
	Limit float64 `json:"limit"`
	TTL   float64 `json:"ttl"` // length of the window in seconds
}

// ServerConfig asks the server for its configuration.
func (c *Client) ServerConfig(ctx context.Context) (ServerConfig, error) {
	config, err := send[ServerConfig](ctx, c, request{method: http.MethodGet, path: []string{"config"}})
	if err == nil {
		c.serverInfo.mu.Lock()
		c.serverInfo.rateLimits = config.RateLimit
		c.serverInfo.mu.Unlock()
		c.pacer.setServerLimits(config.RateLimit)
	}
	return config, err
}

// forClass is the limit of a class.
func (l *RateLimits) forClass(class RateClass) RateLimit {
	if l == nil {
		return RateLimit{}
	}
	return map[RateClass]RateLimit{
		RateGeneral: l.Authenticated, RateCreate: l.SandboxCreate, RateLifecycle: l.SandboxLifecycle, RateList: l.SandboxList,
	}[class]
}

// Key is the API key in use, without its secret.
type Key struct {
	Name           string    `json:"name"`
	UserID         string    `json:"userId"`
	OrganizationID string    `json:"organizationId"` // "" on servers that do not tell
	Permissions    []string  `json:"permissions"`
	ExpiresAt      time.Time `json:"expiresAt"` // zero when it does not expire
}

// Allows tells whether the key holds a permission, such as write:sandboxes.
func (k Key) Allows(permission string) bool { return slices.Contains(k.Permissions, permission) }

// CurrentKey describes the API key in use. With a JWT the server answers as if
// unauthorized.
func (c *Client) CurrentKey(ctx context.Context) (Key, error) {
	return send[Key](ctx, c, request{method: http.MethodGet, path: []string{"api-keys", "current"}})
}
