package client

import "fleet/client/internal/transport"

// Limits are the rate limits of one organisation, and the requests that count in them.
// Several clients may share them at the same time. They must be made by [NewLimits].
type Limits = transport.Limits

// NewLimits returns Limits without any knowledge of the server, for [Config.Limits].
func NewLimits() *Limits { return transport.NewLimits() }

// Burst returns how many requests of a class the client may send at once in a fresh
// window: its share of the limit that responses reported, or else of the limit that an
// earlier client, the server's configuration or the documentation of its tier lets
// expect. 0 means that the server has no limit. known is false if nothing is known.
func (c *Client) Burst(class RateClass) (n int, known bool) { return c.pacer.Burst(class) }

// SetProbes sets how many requests of a class are sent at once to a server that has
// not reported a limit of any class, until a response shows whether there is one. It
// is 16 unless a higher number is set.
func (c *Client) SetProbes(n int) { c.pacer.SetProbes(n) }

// NotedLimits returns the limits that responses have reported, in requests of each
// window, and those of Config.NotedLimits that were not contradicted; 0 for a class
// that has no limit.
func (c *Client) NotedLimits() map[RateClass]int { return c.pacer.NotedLimits() }
