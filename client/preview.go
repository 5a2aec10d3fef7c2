package client

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	probeTimeout    = 30 * time.Second
	previewRoute    = "/preview/{port}/{path}"
	headerPreview   = "X-Daytona-Preview-Token"
	headerNoWarning = "X-Daytona-Skip-Preview-Warning" // else people are shown a page first
)

// port is one of a sandbox.
type port struct {
	sandbox string
	number  int
}

// preview is the way to a port.
type preview struct {
	URL   string `json:"url"`
	Token string `json:"token"` // "" for none; a new one with each start of the sandbox
}

// String keeps the token out of what is printed.
func (p preview) String() string { return p.URL }

// GoString is String.
func (p preview) GoString() string { return p.URL }

// Probe sends a GET for a path, which may have a query, to a port of a sandbox
// and gives the status of the answer, whatever it is; where nothing listens, that
// is 502. Redirects are not followed and bodies are not read. An error says that
// there was no answer within 30 s, or that the sandbox does not run (IllegalState),
// or what the API said when asked for the preview. It counts as use of the sandbox.
//
// The API key is not sent to the sandbox. Only what got no answer is repeated, once.
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

// tokenRejected is true of statuses that may come of a token that is no longer good: the
// proxy sends those who have none to a login.
func tokenRejected(status int) bool {
	switch status {
	case http.StatusTemporaryRedirect, http.StatusFound, http.StatusUnauthorized, http.StatusForbidden:
		return true
	default:
		return false
	}
}

// fetchPreview asks for the way to a port.
func (c *Client) fetchPreview(ctx context.Context, of port) (preview, error) {
	previewRequest := request{method: http.MethodGet, path: []string{"sandbox", of.sandbox, "ports", strconv.Itoa(of.number), "preview-url"}}
	fetched, err := send[preview](ctx, c, previewRequest)
	if err != nil {
		return preview{}, err
	}
	if _, err := c.proxyAddress(fetched.URL); err != nil {
		return preview{}, c.proxyError(previewRequest, err)
	}
	return fetched, nil
}

// getPreview sends a GET for a path and gives the status of the answer.
func (c *Client) getPreview(ctx context.Context, to preview, path string) (int, error) {
	route := Route{Class: RatePreview}
	address := strings.TrimRight(to.URL, "/") + "/" + strings.TrimLeft(path, "/")
	req, err := http.NewRequestWithContext(contextWithCall(ctx, call{Route: route}), http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", "fleet/"+c.config.Version)
	req.Header.Set(headerNoWarning, "true")
	if to.Token != "" {
		req.Header.Set(headerPreview, to.Token)
	}
	redact := newRedactor(c.config.Key, c.config.JWT, to.Token)
	attempt := attempt{Route: route, req: req, config: c.config, redact: redact}
	rt := c.proxyTransport(timeoutTransport{timeout: probeTimeout}, redact)
	res, err := (&http.Client{Transport: rt, CheckRedirect: refuseRedirect}).Do(req)
	if err != nil {
		return 0, attempt.transportError(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusNotFound {
		if refusal := attempt.responseError(res, readBody(res.Body)); ErrorClassOf(refusal) == IllegalState {
			return 0, refusal
		}
	}
	return res.StatusCode, nil
}
