package client

import (
	"context"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// Stats are the totals of a client since it was made.
type Stats = transport.Stats

// Stats returns the totals since New.
func (c *Client) Stats() Stats { return c.stats.Stats() }

// A RequestLog sums up the requests that were sent for one purpose, such as one
// operation on a sandbox.
type RequestLog = transport.RequestLog

// A Recorder keeps the RequestLog of all calls whose contexts come from it. The zero
// Recorder is ready. Its methods may be called concurrently.
type Recorder = transport.Recorder

// An Attempt identifies one attempt at a call for those who observe requests. It
// holds no name, id or value of an object.
type Attempt = api.Attempt

// AttemptFromContext returns the attempt that a request with this context is. The
// Route is empty if the request is not a call of a Client.
func AttemptFromContext(ctx context.Context) Attempt { return api.AttemptFromContext(ctx) }
