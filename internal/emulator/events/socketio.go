package events

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Path is the path of the events, below /api.
const Path = "/socket.io/"

// The intervals of Engine.IO: how often the server pings, and how long it waits for
// the pong. A client must connect within the sum of both.
const (
	pingInterval = 25 * time.Second
	pingTimeout  = 20 * time.Second
)

// Source is the server whose events are sent.
type Source interface {
	// Authenticates reports whether the payload of a connect request holds a valid key.
	Authenticates(payload string) bool
	// NextEventDelay publishes the events that are due and returns the time until the
	// next one may be.
	NextEventDelay() time.Duration
}

// Supported reports whether the request is for the supported protocol: Engine.IO 4
// over a WebSocket.
func Supported(r *http.Request) bool {
	q := r.URL.Query()
	return q.Get("EIO") == "4" && q.Get("transport") == "websocket"
}

// Serve sends the events of hub to one client, as Socket.IO over a WebSocket. It
// returns when the connection is closed or closed is.
func Serve(w http.ResponseWriter, r *http.Request, source Source, hub *Hub, closed <-chan struct{}) {
	socket, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has sent the response
	}
	ctx, cancel := context.WithCancel(r.Context())
	c := &connection{source: source, hub: hub, socket: socket, received: make(chan string)}
	var helpers sync.WaitGroup
	helpers.Go(func() {
		defer cancel()
		c.read(ctx)
	})
	helpers.Go(func() {
		defer cancel()
		select {
		case <-ctx.Done():
		case <-closed:
		}
	})
	c.serve(ctx)
	cancel()
	_ = socket.CloseNow()
	helpers.Wait()
}

// connection is one WebSocket connection.
type connection struct {
	source   Source
	hub      *Hub
	socket   *websocket.Conn
	received chan string // the messages of the client
}

// read forwards the messages of the client until the connection closes.
func (c *connection) read(ctx context.Context) {
	for {
		_, text, err := c.socket.Read(ctx)
		if err != nil {
			return
		}
		select {
		case c.received <- string(text):
		case <-ctx.Done():
			return
		}
	}
}

// send writes one message and reports whether it was sent.
func (c *connection) send(ctx context.Context, text string) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return c.socket.Write(ctx, websocket.MessageText, []byte(text)) == nil
}

// serve performs the handshake and then sends events.
func (c *connection) serve(ctx context.Context) {
	open := fmt.Sprintf(`0{"sid":%q,"upgrades":[],"pingInterval":%d,"pingTimeout":%d,"maxPayload":1000000}`,
		rand.Text(), pingInterval.Milliseconds(), pingTimeout.Milliseconds())
	if !c.send(ctx, open) || !c.connect(ctx) {
		return
	}
	sub := c.hub.subscribe()
	defer c.hub.unsubscribe(sub)
	if c.send(ctx, fmt.Sprintf(`40{"sid":%q}`, rand.Text())) {
		c.streamEvents(ctx, sub)
	}
}

// connect waits for the client's credentials and reports whether they are valid.
func (c *connection) connect(ctx context.Context) bool {
	timeout := time.NewTimer(pingInterval + pingTimeout)
	defer timeout.Stop()
	for {
		select {
		case text := <-c.received:
			auth, isConnect := strings.CutPrefix(text, "40")
			switch {
			case !isConnect:
				continue
			case strings.HasPrefix(auth, "/"):
				namespace, _, _ := strings.Cut(auth, ",")
				c.send(ctx, "44"+namespace+`,{"message":"Invalid namespace"}`)
			case c.source.Authenticates(auth):
				return true
			default:
				c.send(ctx, `44{"message":"Unauthorized"}`)
			}
		case <-timeout.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// streamEvents sends events and pings until the client disconnects, stops responding
// or falls too far behind, or ctx is done.
func (c *connection) streamEvents(ctx context.Context, sub *subscriber) {
	ping := time.NewTimer(pingInterval)
	defer ping.Stop()
	waiting := false
	for {
		next := time.NewTimer(c.source.NextEventDelay())
		ok := true
		select {
		case <-next.C:
		case event, more := <-sub.events:
			ok = more && c.send(ctx, "42"+event)
		case text := <-c.received:
			switch text {
			case "3":
				waiting = false
				ping.Reset(pingInterval)
			case "1", "41":
				ok = false
			}
		case <-ping.C:
			ok = !waiting && c.send(ctx, "2")
			waiting = true
			ping.Reset(pingTimeout)
		case <-ctx.Done():
			ok = false
		}
		next.Stop()
		if !ok {
			return
		}
	}
}
