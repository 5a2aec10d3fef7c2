package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"

	"fleet/internal/input"
)

// NetworkOptions configure connections.
type NetworkOptions struct {
	Proxy       *httpproxy.Config // nil means the proxies of the environment
	Connections int               // idle connections kept
	CAFile      string            // PEM certificates to trust in addition to the system's; "" for none
	CA          []byte            // content of CAFile; nil means that the file is read
}

// NewNetwork returns the end of the chain, which connects to servers. It fails if the
// CA file cannot be read or holds no certificate.
func NewNetwork(options NetworkOptions) (*http.Transport, error) {
	network := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        options.Connections,
		MaxIdleConnsPerHost: options.Connections,
		IdleConnTimeout:     90 * time.Second,
		// For requests that wait for permission to send their body.
		ExpectContinueTimeout: time.Second,
	}
	if options.Proxy != nil {
		proxy := options.Proxy.ProxyFunc()
		network.Proxy = func(req *http.Request) (*url.URL, error) { return proxy(req.URL) }
	}
	if options.CAFile == "" {
		return network, nil
	}
	pem := options.CA
	if pem == nil {
		var err error
		if pem, err = input.ReadRegular(options.CAFile, input.MaxList); err != nil {
			return nil, fmt.Errorf("cannot read the CA file: %w", err)
		}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("no PEM certificate in the CA file " + options.CAFile)
	}
	network.TLSClientConfig.RootCAs = roots
	return network, nil
}

// NotSent reports whether an attempt failed before a connection was made, so that
// the server cannot have received the request.
func NotSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}
