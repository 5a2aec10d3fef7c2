package client

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"

	"fleet/client/internal/api"
	"fleet/client/internal/storage"
	"fleet/client/internal/transport"
)

// Client talks to one Daytona server for one organisation. Its methods may be
// called concurrently. The error of a call that was sent is an *Error, or wraps the
// error of the context.
type Client struct {
	config     Config
	network    http.RoundTripper // the end of the chain: the network, or a stand-in for tests
	http       *http.Client      // sends calls of the API through the chain
	pacer      *transport.Pacer
	stats      *transport.Collector
	waits      *transport.WaitReporter
	clock      *transport.Clock
	redact     api.Redactor
	serverInfo *serverInfo
	proxyCache *proxyCache
	uploads    *storage.Uploader
	unsharded  atomic.Bool // lists cannot be read in shards
}

// New returns a client. It sends nothing. The error is a *ConfigError.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	if err := config.Check(); err != nil {
		return nil, err
	}
	network := config.Transport
	if network == nil {
		var err error
		if network, err = config.Network(); err != nil {
			return nil, err
		}
	}
	if config.Writes == nil {
		config.Writes = &Writes{}
	}
	if config.Limits == nil {
		config.Limits = NewLimits()
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{
		config:     config,
		network:    network,
		stats:      &transport.Collector{},
		waits:      &transport.WaitReporter{Notify: config.OnRateLimitWait},
		clock:      &transport.Clock{},
		redact:     api.NewRedactor(config.Key, config.JWT),
		serverInfo: &serverInfo{},
		proxyCache: newProxyCache(),
	}
	c.unsharded.Store(config.Sharding == ShardNone)
	c.connect()
	c.uploads = c.newUploads()
	return c, nil
}

// connect builds the chain of the API.
func (c *Client) connect() {
	c.http = &http.Client{CheckRedirect: transport.RefuseRedirect}
	c.http.Transport, c.pacer = c.apiChain()
}

// Network returns a new transport with the proxy and the certificates of the
// configuration, for requests to other servers. It adds no credentials and retries nothing. The error is a
// *ConfigError.
func (c Config) Network() (*http.Transport, error) {
	config := c.withDefaults()
	network, err := transport.NewNetwork(transport.NetworkOptions{
		Proxy: config.Proxy, Connections: config.Connections, CAFile: config.CAFile, CA: config.CA,
	})
	if err != nil {
		return nil, &ConfigError{Problem: err.Error()}
	}
	return network, nil
}

// String returns a text without the credentials.
func (c *Client) String() string { return "client of " + c.config.URL }

// Close closes idle connections. The client remains usable.
func (c *Client) Close() {
	if network, ok := c.network.(interface{ CloseIdleConnections() }); ok {
		network.CloseIdleConnections()
	}
}

// do sends a request and decodes the response into out. A nil out means that the
// body of a success is ignored.
func (c *Client) do(ctx context.Context, r request, out any) error {
	route := r.route()
	req, err := r.build(api.WithCall(ctx, api.Call{Route: route, Path: r.path}), c.config.URL)
	if err != nil {
		return err
	}
	x := exchange{Route: route, req: req, config: c.config, redact: c.redact}
	res, err := c.http.Do(req)
	if err != nil {
		return x.transportError(err)
	}
	defer res.Body.Close()
	body := transport.ReadBody(res.Body)
	if !isSuccess(res.StatusCode) {
		err := x.responseError(res, body)
		c.serverInfo.recordQuotaError(err)
		return err
	}
	if len(body) == 0 && (out == nil || r.allowEmpty) {
		return nil
	}
	return x.decodeResponse(res, body, out)
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// send is do with the decoded response as its result.
func send[T any](ctx context.Context, c *Client, r request) (T, error) {
	var out T
	err := c.do(ctx, r, &out)
	return out, err
}
