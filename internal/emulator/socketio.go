package emulator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"fleet/internal/emulator/world"

	"github.com/coder/websocket"
)

// socketPath is where the events are, below /api.
const socketPath = "/socket.io/"

// The times of Engine.IO: how often the server pings and how long it waits for
// the pong; a client has as long to connect.
const (
	pingInterval = 25 * time.Second
	pingTimeout  = 20 * time.Second
)

// serveEvents speaks version 4 of Engine.IO over a WebSocket and Socket.IO in it,
// as far as telling events needs. It returns when the connection or the server
// ends.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Get("EIO") != "4" || q.Get("transport") != "websocket" {
		response{header: http.Header{}}.json(http.StatusBadRequest, map[string]any{"code": 0, "message": "Transport unknown"}).write(w)
		return
	}
	if err := s.openConnection(); err != nil {
		s.mu.Lock()
		a := s.refuse(response{header: http.Header{}}, "/api"+socketPath, err)
		s.mu.Unlock()
		a.write(w)
		return
	}
	defer s.events.Done()
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	ctx, cancel := context.WithCancel(r.Context())
	c := &eventConn{srv: s, conn: conn, received: make(chan string)}
	var helpers sync.WaitGroup
	helpers.Go(func() {
		defer cancel()
		c.read(ctx)
	})
	helpers.Go(func() {
		defer cancel()
		select {
		case <-ctx.Done():
		case <-s.closed:
		}
	})
	c.serve(ctx)
	cancel()
	_ = conn.CloseNow()
	helpers.Wait()
}

// openConnection counts a connection, for which Close then waits, or refuses it.
func (s *Server) openConnection() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return world.ErrMaintenance
	default:
	}
	if s.world.Org.Maintenance {
		return world.ErrMaintenance
	}
	s.events.Add(1)
	return nil
}

// eventConn is one connection.
type eventConn struct {
	srv      *Server
	conn     *websocket.Conn
	received chan string
}

// read passes on what the client sends until the connection ends.
func (c *eventConn) read(ctx context.Context) {
	for {
		_, text, err := c.conn.Read(ctx)
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

func (c *eventConn) send(ctx context.Context, text string) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return c.conn.Write(ctx, websocket.MessageText, []byte(text)) == nil
}

// serve opens the connection, lets the client connect and tells it events.
func (c *eventConn) serve(ctx context.Context) {
	open := fmt.Sprintf(`0{"sid":%q,"upgrades":[],"pingInterval":%d,"pingTimeout":%d,"maxPayload":1000000}`,
		rand.Text(), pingInterval.Milliseconds(), pingTimeout.Milliseconds())
	if !c.send(ctx, open) || !c.connect(ctx) {
		return
	}
	sub := c.srv.subscribe()
	defer c.srv.unsubscribe(sub)
	if c.send(ctx, fmt.Sprintf(`40{"sid":%q}`, rand.Text())) {
		c.streamEvents(ctx, sub)
	}
}

// connect waits for the client's credentials and reports whether they are good.
func (c *eventConn) connect(ctx context.Context) bool {
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
			case c.srv.authenticates(auth):
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

// authenticates tells whether the payload of a connect holds a good key.
func (s *Server) authenticates(auth string) bool {
	var payload struct{ Token string }
	if json.Unmarshal([]byte(auth), &payload) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepts(payload.Token)
}

// streamEvents tells events and pings until the client leaves, falls silent or
// behind, or the server ends.
func (c *eventConn) streamEvents(ctx context.Context, sub *subscriber) {
	ping := time.NewTimer(pingInterval)
	defer ping.Stop()
	waiting := false
	for {
		next := time.NewTimer(c.srv.nextEventDelay())
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
