package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// SandboxBuildLog streams the log of the image build of a sandbox as plain
// text, from its beginning on. The stream ends after the build, or when the
// connection breaks; it lasts as long as the context. The caller closes it.
// A sandbox that was not built is NotFound.
func (c *Client) SandboxBuildLog(ctx context.Context, idOrName string) (io.ReadCloser, error) {
	return c.buildLog(ctx, "sandbox", idOrName)
}

// SnapshotBuildLog is SandboxBuildLog for a snapshot. The server waits up to
// 30 s for the build to begin.
func (c *Client) SnapshotBuildLog(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.buildLog(ctx, "snapshots", id)
}

// buildLog reads from where the API says the log is: a proxy, which wants the
// same credentials.
func (c *Client) buildLog(ctx context.Context, kind, id string) (io.ReadCloser, error) {
	location, err := send[struct {
		URL string `json:"url"`
	}](ctx, c, request{method: http.MethodGet, path: []string{kind, id, "build-logs-url"}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location.URL, nil)
	if err != nil {
		return nil, err
	}
	req.URL.RawQuery = url.Values{"follow": {"true"}}.Encode()
	attempt := attempt{Route: Route{Class: RateGeneral}, req: req, config: c.config, redact: c.redact}
	if isHTTPS(c.config.URL) && req.URL.Scheme != "https" {
		return nil, attempt.newError(Error{Class: NotDaytona, Message: "the log is offered without encryption"})
	}
	transport := authTransport{loggingTransport{c.transport, c.config.Log, c.redact}, c.config, originOf(location.URL)}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, attempt.transportError(err)
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer res.Body.Close()
	return nil, attempt.responseError(res, readBody(io.LimitReader(res.Body, maxErrorBody)))
}

// isHTTPS is true of an address nobody on the way can read along.
func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https"
}
