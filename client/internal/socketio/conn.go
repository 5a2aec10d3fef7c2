package socketio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// Bounds of a connection.
const (
	maxSilence   = 10 * time.Minute // between two messages, even if the server declares a longer time
	minSilence   = 5 * time.Second
	writeTimeout = 20 * time.Second
)

// Options are what a connection needs.
type Options struct {
	HTTP       *http.Client  // sends the handshake; its responses must be writable, as those of net/http are
	Auth       any           // encoded as JSON; sent in the connect packet
	Timeout    time.Duration // from the dial to the server's consent; it must be positive
	MaxMessage int64         // bytes; a longer message ends the connection
}

// A Conn receives the events of the default namespace. It has no goroutine: its methods
// must not be called concurrently, except Close.
type Conn struct {
	socket  *websocket.Conn
	silence time.Duration // after which the server is considered gone
}

// RefusedError is the error of a server that refuses the connection: by the response
// to the handshake, or by an error in the protocol.
type RefusedError struct {
	Response *http.Response // nil if the handshake was accepted
	Reason   string         // in the server's words, if Response is nil
}

// Error returns the reason.
func (e *RefusedError) Error() string {
	if e.Response != nil {
		return "the server refused the WebSocket: " + e.Response.Status
	}
	return "the server refused the connection: " + e.Reason
}

// ErrProtocol is the error of a server that does not speak Socket.IO.
var ErrProtocol = errors.New("the server does not speak Socket.IO")

// ErrClosed is the error of a connection that the server closed in an orderly way.
var ErrClosed = errors.New("the server closed the connection")

// ErrSilent is the error of a connection that was silent for too long.
var ErrSilent = errors.New("the server stopped responding")

// Dial connects to an address and waits for the server's consent. The caller closes
// the connection.
func Dial(ctx context.Context, address string, o Options) (*Conn, error) {
	outer := ctx
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, ErrSilent)
	defer cancel()
	socket, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: o.HTTP}) //nolint:bodyclose // the socket owns it, or it was read
	if err != nil {
		if res != nil && res.StatusCode != http.StatusSwitchingProtocols {
			return nil, &RefusedError{Response: res}
		}
		return nil, causeOf(outer, ctx, err)
	}
	socket.SetReadLimit(o.MaxMessage)
	c := &Conn{socket: socket, silence: o.Timeout}
	if err := c.connect(ctx, o.Auth); err != nil {
		c.Close()
		return nil, causeOf(outer, ctx, err)
	}
	return c, nil
}

// causeOf returns the reason of an error: the end of the caller's context, the timeout
// of this operation, or the error itself.
func causeOf(outer, inner context.Context, err error) error {
	if outer.Err() != nil {
		return outer.Err()
	}
	if inner.Err() != nil {
		return context.Cause(inner)
	}
	return err
}

// Close closes the connection without waiting for the server.
func (c *Conn) Close() { _ = c.socket.CloseNow() }

// connect performs the handshakes of Engine.IO and Socket.IO.
func (c *Conn) connect(ctx context.Context, auth any) error {
	first, err := c.receive(ctx)
	if err != nil {
		return err
	}
	if c.silence, err = silenceOf(first); err != nil {
		return err
	}
	payload, err := json.Marshal(auth)
	if err != nil {
		return err
	}
	if err := c.send(ctx, "40"+string(payload)); err != nil {
		return err
	}
	for {
		p, err := c.receive(ctx)
		switch {
		case err != nil:
			return err
		case p.Namespace != DefaultNamespace:
		case p.Kind == Connect:
			return nil
		case p.Kind == ConnectError:
			return &RefusedError{Reason: reasonOf(p)}
		}
	}
}

// silenceOf returns how long the server may be silent by its handshake.
func silenceOf(p Packet) (time.Duration, error) {
	var handshake struct {
		Interval int64 `json:"pingInterval"` // milliseconds
		Timeout  int64 `json:"pingTimeout"`  // milliseconds
	}
	if p.Kind != Open || json.Unmarshal([]byte(p.Data), &handshake) != nil {
		return 0, ErrProtocol
	}
	longest := maxSilence.Milliseconds()
	sum := min(max(handshake.Interval, 0), longest) + min(max(handshake.Timeout, 0), longest)
	return min(max(time.Duration(sum)*time.Millisecond, minSilence), maxSilence), nil
}

// reasonOf returns the server's reason for a refusal.
func reasonOf(p Packet) string {
	var reason struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal([]byte(p.Data), &reason)
	return cmp.Or(reason.Message, "without a reason")
}

// Next returns the name and the first argument of the next event. Packets that hold no
// event are skipped. After an error the connection is closed.
func (c *Conn) Next(ctx context.Context) (name string, argument json.RawMessage, err error) {
	for {
		p, err := c.next(ctx)
		if err != nil {
			c.Close()
			return "", nil, err
		}
		if name, argument, ok := p.Event(); ok && p.Namespace == DefaultNamespace {
			return name, argument, nil
		}
	}
}

// next returns the next packet, for which it waits as long as the server may be silent.
func (c *Conn) next(ctx context.Context) (Packet, error) {
	bounded, cancel := context.WithTimeoutCause(ctx, c.silence, ErrSilent)
	defer cancel()
	p, err := c.receive(bounded)
	if err != nil {
		return Packet{}, causeOf(ctx, bounded, err)
	}
	return p, nil
}

// receive returns the next packet. It answers pings, and skips what is not a packet.
func (c *Conn) receive(ctx context.Context) (Packet, error) {
	for {
		kind, text, err := c.socket.Read(ctx)
		switch {
		case websocket.CloseStatus(err) != -1:
			return Packet{}, ErrClosed
		case err != nil:
			return Packet{}, fmt.Errorf("the connection broke: %w", err)
		case kind != websocket.MessageText:
			continue
		}
		p, err := Parse(string(text))
		switch {
		case err != nil:
		case p.Kind == Ping:
			if err := c.send(ctx, "3"+p.Data); err != nil {
				return Packet{}, err
			}
			return p, nil
		case p.Kind == Close, p.Kind == Disconnect && p.Namespace == DefaultNamespace:
			return Packet{}, ErrClosed
		default:
			return p, nil
		}
	}
}

func (c *Conn) send(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := c.socket.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return fmt.Errorf("the connection broke: %w", err)
	}
	return nil
}
