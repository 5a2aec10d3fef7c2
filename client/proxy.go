package client

import (
	"errors"
	"net"
	"net/http"
	"net/url"
)

// proxyTransport puts together what talks to a sandbox through a proxy. What credentials
// it gets is up to the caller.
func (c *Client) proxyTransport(limit timeoutTransport, redact redactor) http.RoundTripper {
	limit.next = c.transport
	rt := http.RoundTripper(limit)
	rt = loggingTransport{rt, c.config.Log, redact}
	rt = c.instrumented(rt)
	rt = recordingTransport{rt, redact}
	rt = countingTransport{rt, c.stats}
	return retryTransport{rt, c.config.Log, redact, c.stats, c.waitReporter} // attempts are repeated here
}

// countingTransport counts attempts that no pacing counts.
type countingTransport struct {
	next  http.RoundTripper
	stats *statsCollector
}

func (t countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.stats.addRequest(routeFromContext(req.Context()).Class)
	res, err := t.next.RoundTrip(req)
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		t.stats.addRateLimited()
	}
	return res, err
}

// proxyAddress reads the address of a proxy as the API tells it. Credentials go
// there, so it has to be encrypted, but for an API on this very machine.
func (c *Client) proxyAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.User != nil, u.Host == "", u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("the server gave no usable address of its proxy")
	case u.Scheme == "https", u.Scheme == "http" && isLoopbackHTTP(c.config.URL):
		return u, nil
	default:
		return nil, errors.New("the proxy into sandboxes is offered without encryption")
	}
}

// isLoopbackHTTP is true of an address without encryption on this machine.
func isLoopbackHTTP(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// proxyError is the error of a call that the API gave no usable address for.
func (c *Client) proxyError(r request, cause error) error {
	path, err := r.escaped()
	if err != nil {
		return err
	}
	return &Error{Method: r.method, Path: path, Class: NotDaytona, Message: cause.Error()}
}

// proxyHint is the hint for errors of proxies, where it is another than for
// those of the API.
func (a attempt) proxyHint(e Error) (hint string, ok bool) {
	switch {
	case e.Class == Unreachable:
		hint = "sandboxes are reached through " + a.req.URL.Host + ", which has to be reachable from here"
		if a.NonIdempotent && !notSent(e.cause) {
			hint += "; the command may have run all the same"
		}
	case e.Class == NotDaytona:
		hint = a.req.URL.Host + ", through which sandboxes are reached, did not answer as Daytona does, or does not take the credentials"
	case e.Status >= 502 && e.Status <= 504:
		hint = "the sandbox may be stopping, or out of memory"
		if a.NonIdempotent {
			hint += "; the command may have run all the same"
		}
	case e.Class == IllegalState:
		hint = "the sandbox does not run"
	default:
		return "", false
	}
	return hint, true
}

// maxCacheEntries bounds what is remembered of sandboxes.
const maxCacheEntries = 20_000

// putBounded remembers a value for a key, at the cost of another one where there are
// too many.
func putBounded[K comparable, V any](values map[K]V, key K, value V) {
	if _, known := values[key]; !known && len(values) >= maxCacheEntries {
		for other := range values {
			delete(values, other)
			break
		}
	}
	values[key] = value
}
