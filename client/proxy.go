package client

import (
	"errors"
	"net"
	"net/url"

	"fleet/client/internal/transport"
)

// proxyAddress parses the address of a proxy to sandboxes that the API returned.
// Credentials are sent there, so that it must be https. Plain http is accepted if the
// API itself is plain http on this machine.
func (c *Client) proxyAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.User != nil, u.Host == "", u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("the server returned an invalid address of its sandbox proxy")
	case u.Scheme == "https", u.Scheme == "http" && isLoopbackHTTP(c.config.URL):
		return u, nil
	default:
		return nil, errors.New("the address of the sandbox proxy is not https")
	}
}

// isLoopbackHTTP reports whether an address is plain http on this machine.
func isLoopbackHTTP(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// isHTTPS reports whether an address is encrypted.
func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https"
}

// proxyError returns the error of a request whose response has no address that can be
// used.
func (c *Client) proxyError(r request, cause error) error {
	path, err := r.escaped()
	if err != nil {
		return err
	}
	return &Error{Method: r.method, Path: path, Class: NotDaytona, Message: cause.Error()}
}

// proxyHint returns the hint for the error of a request through a proxy. ok is false
// if the error has the same hint as one of the API.
func (x exchange) proxyHint(e Error) (hint string, ok bool) {
	const mayHaveRun = "; the command may have run nevertheless"
	switch {
	case e.Class == Unreachable:
		hint = "check that the sandbox proxy " + x.req.URL.Host + " can be reached from this machine"
		if x.NonIdempotent && !transport.NotSent(e.cause) {
			hint += mayHaveRun
		}
	case e.Class == NotDaytona:
		hint = "the sandbox proxy " + x.req.URL.Host + " did not answer like Daytona, or does not accept the credentials"
	case e.Status >= 502 && e.Status <= 504:
		hint = "the sandbox may be stopping, or out of memory"
		if x.NonIdempotent {
			hint += mayHaveRun
		}
	case e.Class == IllegalState:
		hint = "the sandbox is not running"
	default:
		return "", false
	}
	return hint, true
}
