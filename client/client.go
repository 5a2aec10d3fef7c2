package client

import (
	"context"
	"log/slog"
	"net/http"
)

// Client talks to one Daytona server for one organisation. Its methods may be
// called concurrently. All errors of calls that reached for the server are of
// type *Error, or wrap the context's error.
type Client struct {
	config       Config
	http         *http.Client
	transport    http.RoundTripper // innermost: the network, or a test's stand-in
	stats        *statsCollector
	pacer        *pacer
	waitReporter *waitReporter
	serverInfo   *serverInfo
	proxyCache   *proxyCache
	redact       redactor
}

// New makes a client. It fails with a *ConfigError and sends nothing.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	if err := config.Check(); err != nil {
		return nil, err
	}
	wire := config.Transport
	if wire == nil {
		network, err := newHTTPTransport(config)
		if err != nil {
			return nil, err
		}
		wire = network
	}
	if config.Writes == nil {
		config.Writes = &Writes{}
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{config: config, transport: wire, stats: &statsCollector{}, waitReporter: &waitReporter{notify: config.OnRateLimitWait}, serverInfo: &serverInfo{}, proxyCache: newProxyCache(), redact: newRedactor(config.Key, config.JWT)}
	c.http = &http.Client{Transport: c.chain(), CheckRedirect: refuseRedirect}
	return c, nil
}

// String keeps the credentials out of what is printed.
func (c *Client) String() string { return "client of " + c.config.URL }

// Stats tells what was sent since New.
func (c *Client) Stats() Stats { return c.stats.stats() }

// Close lets go of idle connections. The client remains usable.
func (c *Client) Close() {
	if network, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		network.CloseIdleConnections()
	}
}

// do sends a request and decodes the answer into out; out nil takes none.
func (c *Client) do(ctx context.Context, r request, out any) error {
	route := routeOf(r)
	req, err := r.build(contextWithCall(ctx, call{route, r.path}), c.config.URL)
	if err != nil {
		return err
	}
	attempt := attempt{Route: route, req: req, config: c.config, redact: c.redact}
	res, err := c.http.Do(req)
	if err != nil {
		return attempt.transportError(err)
	}
	defer res.Body.Close()
	body := readBody(res.Body)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		err := attempt.responseError(res, body)
		c.serverInfo.recordQuotaError(err)
		return err
	}
	if len(body) == 0 && (out == nil || r.allowEmpty) {
		return nil
	}
	return attempt.decodeResponse(res, body, out)
}

// send is do with the answer as a result.
func send[T any](ctx context.Context, c *Client, r request) (T, error) {
	var answer T
	err := c.do(ctx, r, &answer)
	return answer, err
}
