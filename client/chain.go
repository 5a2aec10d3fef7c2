package client

import (
	"net/http"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// apiChain returns the chain for calls of the API, and its pacer. It is built from
// the network outwards: a request passes through the links from the last one to the
// first.
func (c *Client) apiChain() (http.RoundTripper, *transport.Pacer) {
	rt := c.network
	// Bounds the attempt, and returns a response that is complete.
	rt = transport.Timeout{Next: rt, Timeout: transport.AttemptTimeout, MaxBytes: transport.MaxResponse}
	// Reads the server's clock. No link below waits, so that the round trip is short.
	rt = transport.Dating{Next: rt, Clock: c.clock}
	// Writes a line for the attempt, without the time that it waited.
	rt = transport.Logging{Next: rt, Log: c.config.Log, Redact: c.redact}
	// Shows the attempt to the caller, without the time that it waited.
	rt = c.instrument(rt)
	// Counts the attempt for the operation that it is part of.
	rt = transport.Recording{Next: rt, Redact: c.redact}
	// Waits until the rate limits allow the attempt: retries are paced too.
	pacer := transport.NewPacer(rt, c.config.Limits, c.config.RateShare, c.stats, c.waits)
	if c.config.NotedLimits != nil {
		pacer.SetNotedLimits(c.config.NotedLimits)
	}
	// Repeats attempts.
	rt = c.retry(pacer, c.redact)
	// Adds credentials, once for all attempts.
	return c.auth(rt, c.config.URL), pacer
}

// proxyChain returns the chain for requests to sandboxes, which pass through a proxy
// without rate limits. It adds no credentials. An attempt has the time given, and the
// body of a success at most maxBytes; 0 means that it is not read.
func (c *Client) proxyChain(timeout time.Duration, maxBytes int64, redact api.Redactor) http.RoundTripper {
	rt := c.network
	rt = transport.Timeout{Next: rt, Timeout: timeout, MaxBytes: maxBytes}
	rt = transport.Logging{Next: rt, Log: c.config.Log, Redact: redact}
	rt = c.instrument(rt)
	rt = transport.Recording{Next: rt, Redact: redact}
	rt = transport.Counting{Next: rt, Stats: c.stats}
	return c.retry(rt, redact)
}

// downloadChain is proxyChain for a response that is read while it arrives. The context of
// the request bounds its time, and the reader its size.
func (c *Client) downloadChain() http.RoundTripper {
	rt := c.network
	rt = transport.Logging{Next: rt, Log: c.config.Log, Redact: c.redact}
	rt = c.instrument(rt)
	rt = transport.Recording{Next: rt, Redact: c.redact}
	rt = transport.Counting{Next: rt, Stats: c.stats}
	return c.retry(rt, c.redact)
}

// storageChain returns the chain for requests to the object storage, which have a
// signature in place of the credentials for the API, and no rate limits. An attempt has
// the time given; sign returns the link that signs it.
func (c *Client) storageChain(timeout time.Duration, redact api.Redactor, sign func(next http.RoundTripper) http.RoundTripper) http.RoundTripper {
	rt := c.network
	rt = transport.Timeout{Next: rt, Timeout: timeout, MaxBytes: transport.MaxErrorBody}
	rt = transport.Logging{Next: rt, Log: c.config.Log, Redact: redact}
	rt = c.instrument(rt)
	rt = transport.Counting{Next: rt, Stats: c.stats}
	return c.retry(sign(rt), redact)
}

// streamChain returns the chain for a response that lasts as long as its context,
// such as the log of a build, from an address that gets the credentials.
func (c *Client) streamChain(address string) http.RoundTripper {
	return c.auth(transport.Logging{Next: c.network, Log: c.config.Log, Redact: c.redact}, address)
}

// auth adds the credentials to requests that go to the origin of an address.
func (c *Client) auth(next http.RoundTripper, address string) http.RoundTripper {
	credentials := transport.Credentials{Key: c.config.Key, JWT: c.config.JWT, Organization: c.config.Organization}
	return transport.Auth{Next: next, Credentials: credentials, Version: c.config.Version, Origin: transport.OriginOf(address)}
}

func (c *Client) retry(next http.RoundTripper, redact api.Redactor) http.RoundTripper {
	return transport.Retry{Next: next, Log: c.config.Log, Redact: redact, Stats: c.stats, Waits: c.waits}
}

// instrument lets the caller of New wrap the links that send an attempt.
func (c *Client) instrument(rt http.RoundTripper) http.RoundTripper {
	if c.config.Instrument == nil {
		return rt
	}
	return c.config.Instrument(rt)
}
