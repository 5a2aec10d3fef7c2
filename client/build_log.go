package client

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"fleet/client/internal/transport"
)

// SandboxBuildLog streams the log of the image build of a sandbox as plain text, from
// its start. The stream ends after the build, or when the connection breaks; it lasts
// as long as ctx. The caller closes it. The error is NotFound if the sandbox has no
// build.
func (c *Client) SandboxBuildLog(ctx context.Context, idOrName string) (io.ReadCloser, error) {
	return c.buildLog(ctx, "sandbox", idOrName)
}

// SnapshotBuildLog is SandboxBuildLog for a snapshot. The server waits up to 30 s for
// the build to start.
func (c *Client) SnapshotBuildLog(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.buildLog(ctx, "snapshots", id)
}

// buildLog reads from the address that the API returns. It is a proxy that takes the
// same credentials.
func (c *Client) buildLog(ctx context.Context, collection, id string) (io.ReadCloser, error) {
	location, err := send[struct {
		URL string `json:"url"`
	}](ctx, c, request{method: http.MethodGet, path: []string{collection, id, "build-logs-url"}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location.URL, nil)
	if err != nil {
		return nil, err
	}
	req.URL.RawQuery = url.Values{"follow": {"true"}}.Encode()
	x := exchange{Route: Route{Class: RateGeneral}, req: req, config: c.config, redact: c.redact}
	if isHTTPS(c.config.URL) && req.URL.Scheme != "https" {
		return nil, x.newError(Error{Class: NotDaytona, Message: "the address of the log is not https"})
	}
	res, err := c.streamChain(location.URL).RoundTrip(req)
	if err != nil {
		return nil, x.transportError(err)
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer res.Body.Close()
	return nil, x.responseError(res, transport.ReadBody(io.LimitReader(res.Body, transport.MaxErrorBody)))
}
