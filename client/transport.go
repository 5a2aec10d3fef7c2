package client

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"fleet/internal/input"
)

// chain puts the transport together, from the wire outwards.
func (c *Client) chain() http.RoundTripper {
	rt := c.transport
	rt = timeoutTransport{rt, attemptTimeout, maxResponse} // every attempt has its time, and what comes back is complete
	rt = clockTransport{rt, c.serverInfo}                  // every attempt tells the server's time, and has none of waiting in it
	rt = loggingTransport{rt, c.config.Log, c.redact}      // every attempt is a line, without the time it waited
	rt = c.instrumented(rt)                                // every attempt is seen, without the time it waited; inside of what repeats
	rt = recordingTransport{rt, c.redact}                  // every attempt leaves its trail
	c.pacer = newPacer(rt, c.config.RateShare, c.stats, c.waitReporter)
	rt = c.pacer                                                             // every attempt takes its turn
	rt = retryTransport{rt, c.config.Log, c.redact, c.stats, c.waitReporter} // attempts are repeated here
	return authTransport{rt, c.config, originOf(c.config.URL)}               // what is repeated is signed once
}

// newHTTPTransport is the wire outside of tests.
func newHTTPTransport(config Config) (*http.Transport, error) {
	network := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        config.Connections,
		MaxIdleConnsPerHost: config.Connections,
		IdleConnTimeout:     90 * time.Second,
	}
	if config.Proxy != nil {
		proxy := config.Proxy.ProxyFunc()
		network.Proxy = func(req *http.Request) (*url.URL, error) { return proxy(req.URL) }
	}
	if config.CAFile == "" {
		return network, nil
	}
	pem := config.CA
	if pem == nil {
		var err error
		if pem, err = input.ReadRegular(config.CAFile, input.MaxList); err != nil {
			return nil, &ConfigError{Problem: "cannot read the CA file: " + err.Error()}
		}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, &ConfigError{Problem: "no PEM certificate in the CA file " + config.CAFile}
	}
	network.TLSClientConfig.RootCAs = roots
	return network, nil
}

// refuseRedirect makes a redirect an answer like any other. The API never
// redirects: whoever does is not the API and must not be given the key.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// authTransport says who is asking, to the configured origin and to no other.
type authTransport struct {
	next   http.RoundTripper
	config Config
	origin string
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (s authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	set := req.Header.Set
	set("Accept", "application/json")
	set("User-Agent", "fleet/"+s.config.Version)
	set("X-Daytona-Source", "fleet")
	set("X-Daytona-SDK-Version", s.config.Version)
	switch {
	case req.URL.Scheme+"://"+req.URL.Host != s.origin:
	case s.config.Key != "":
		set("Authorization", "Bearer "+s.config.Key)
	default:
		set("Authorization", "Bearer "+s.config.JWT)
		set("X-Daytona-Organization-ID", s.config.Organization)
	}
	return s.next.RoundTrip(req)
}

// loggingTransport writes a debug line per attempt: never headers, queries or bodies.
type loggingTransport struct {
	next   http.RoundTripper
	log    *slog.Logger
	redact redactor
}

func (l loggingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	res, err := l.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("path", l.redact.text(req.URL.EscapedPath())),
		slog.Duration("took", time.Since(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", l.redact.text(err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", res.StatusCode))
	}
	l.log.LogAttrs(req.Context(), slog.LevelDebug, "request", attrs...)
	return res, err
}
