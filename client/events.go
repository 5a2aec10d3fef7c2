package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"fleet/client/internal/socketio"
	"fleet/client/internal/transport"
)

// Bounds of the connection for events.
const (
	eventTimeout = 10 * time.Second // to connect
	maxEvent     = 1 << 20          // bytes: a sandbox usually takes 2 kB
)

// Events are the events of the organisation, from the moment of the connection on.
// Events holds no goroutine. Next must not be called concurrently.
type Events struct {
	conn *socketio.Conn
	x    exchange
}

// Events connects to the server's events. The connection uses the network and the
// credentials of the client, and counts in no rate limit. It lasts until Close, an error
// of Next, or the end of ctx in Next. [EventsRefused] distinguishes a server that offers
// no events from one that cannot be reached.
func (c *Client) Events(ctx context.Context) (*Events, error) {
	r := request{method: http.MethodGet, path: []string{"socket.io"}, query: url.Values{
		"EIO": {"4"}, "transport": {"websocket"}, "source": {"fleet"}, "sdkVersion": {c.config.Version},
	}}
	token := c.config.Key
	if token == "" { // without it, the server sends the holder of a JWT nothing
		token = c.config.JWT
		r.query.Set("organizationId", c.config.Organization)
	}
	base := c.config.URL + "/socket.io/" // the slash at the end belongs to the path
	req, err := r.build(ctx, c.config.URL)
	if err != nil {
		return nil, err
	}
	x := exchange{Route: Route{Class: RateGeneral}, req: req, config: c.config, redact: c.redact}
	conn, err := socketio.Dial(ctx, base+"?"+r.query.Encode(), socketio.Options{
		HTTP: &http.Client{Transport: c.streamChain(c.config.URL), CheckRedirect: transport.RefuseRedirect},
		Auth: map[string]string{"token": token}, Timeout: eventTimeout, MaxMessage: maxEvent,
	})
	if err != nil {
		return nil, x.eventError(err)
	}
	x.req = req.WithContext(context.WithoutCancel(ctx)) // which may end before the connection
	return &Events{conn, x}, nil
}

// eventError returns the error of a connection for events.
func (x exchange) eventError(err error) error {
	refused, ok := errors.AsType[*socketio.RefusedError](err)
	switch {
	case ok && refused.Response != nil:
		res := refused.Response
		if isSuccess(res.StatusCode) { // such as the page of a dashboard
			return x.newError(Error{Status: res.StatusCode, Class: NotSupported, Message: "the server offers no events"})
		}
		return x.responseError(res, transport.ReadBody(res.Body))
	case ok:
		return x.newError(Error{Class: NotSupported, Message: refused.Error()})
	case errors.Is(err, socketio.ErrProtocol):
		return x.newError(Error{Class: NotSupported, Message: err.Error()})
	default:
		return x.transportError(err)
	}
}

// EventsRefused reports whether an error of [Client.Events] means that the server does
// not offer events, or not with these credentials, so that trying again soon is useless.
func EventsRefused(err error) bool {
	switch ErrorClassOf(err) {
	case BadRequest, Forbidden, NotDaytona, NotFound, NotSupported, Suspended, Unauthorized:
		return true
	default:
		return false
	}
}

// Next returns the next event. It skips events that a client of another kind may
// understand. After an error the connection is closed.
func (e *Events) Next(ctx context.Context) (Event, error) {
	for {
		name, payload, err := e.conn.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return Event{}, ctx.Err()
			}
			return Event{}, e.x.eventError(err)
		}
		if event, ok := decodeEvent(name, payload); ok {
			return event, nil
		}
	}
}

// Close closes the connection. It may be called at any time, and several times.
func (e *Events) Close() { e.conn.Close() }
