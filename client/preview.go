package client

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

const (
	probeTimeout    = 30 * time.Second
	headerPreview   = "X-Daytona-Preview-Token"
	headerNoWarning = "X-Daytona-Skip-Preview-Warning" // otherwise the proxy answers with a warning page
)

// port is a port of a sandbox.
type port struct {
	sandbox string // id
	number  int
}

// preview is the address of a port, with the token for it.
type preview struct {
	URL   string `json:"url"`
	Token string `json:"token"` // "" if none is needed; each start of the sandbox makes a new one
}

// String returns a text without the token.
func (p preview) String() string { return p.URL }

// GoString returns a text without the token, for %#v.
func (p preview) GoString() string { return p.URL }

// Probe sends a GET for a path, which may have a query, to a port of a sandbox and
// returns the status of the response. The status is 502 if nothing listens on the port.
// Redirects are not followed, and bodies are not read. Probe fails if there is no
// response within 30 s, if the sandbox is not running (IllegalState), or if the API
// returns no address for the port. A probe counts as activity of the sandbox.
//
// The API key is not sent to the sandbox. A probe without a response is repeated once.
func (c *Client) Probe(ctx context.Context, id string, number int, path string) (status int, err error) {
	at := port{id, number}
	known, cached := c.proxyCache.preview(at)
	if cached {
		status, err = c.getPreview(ctx, known, path)
		if err != nil || !tokenRejected(status) {
			return status, err
		}
	}
	fresh, err := c.fetchPreview(ctx, at)
	if err != nil {
		return 0, err
	}
	if cached && fresh == known {
		return status, nil
	}
	c.proxyCache.setPreview(at, fresh)
	return c.getPreview(ctx, fresh, path)
}

// tokenRejected reports whether a status may mean that the token has expired. The proxy
// redirects requests without a valid token to a login.
func tokenRejected(status int) bool {
	switch status {
	case http.StatusTemporaryRedirect, http.StatusFound, http.StatusUnauthorized, http.StatusForbidden:
		return true
	default:
		return false
	}
}

// fetchPreview reads the address of a port from the API.
func (c *Client) fetchPreview(ctx context.Context, of port) (preview, error) {
	r := request{method: http.MethodGet, path: []string{"sandbox", of.sandbox, "ports", strconv.Itoa(of.number), "preview-url"}}
	fetched, err := send[preview](ctx, c, r)
	if err != nil {
		return preview{}, err
	}
	if _, err := c.proxyAddress(fetched.URL); err != nil {
		return preview{}, c.proxyError(r, err)
	}
	return fetched, nil
}

// getPreview sends a GET for a path to a port and returns the status of the response.
func (c *Client) getPreview(ctx context.Context, to preview, path string) (int, error) {
	route := Route{Class: RatePreview}
	address := strings.TrimRight(to.URL, "/") + "/" + strings.TrimLeft(path, "/")
	req, err := http.NewRequestWithContext(api.WithCall(ctx, api.Call{Route: route}), http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", transport.UserAgent(c.config.Version))
	req.Header.Set(headerNoWarning, "true")
	if to.Token != "" {
		req.Header.Set(headerPreview, to.Token)
	}
	redact := api.NewRedactor(c.config.Key, c.config.JWT, to.Token)
	x := exchange{Route: route, req: req, config: c.config, redact: redact}
	rt := c.proxyChain(probeTimeout, 0, redact)
	res, err := (&http.Client{Transport: rt, CheckRedirect: transport.RefuseRedirect}).Do(req)
	if err != nil {
		return 0, x.transportError(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusNotFound {
		if err := x.responseError(res, transport.ReadBody(res.Body)); ErrorClassOf(err) == IllegalState { // from the proxy, not from the sandbox
			return 0, err
		}
	}
	return res.StatusCode, nil
}
