// Package memnet connects clients with an HTTP handler without sockets, for tests in a
// synctest bubble. In contrast to a round tripper that calls the handler, connections can
// be kept, upgraded and broken.
package memnet

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
)

// A Network is served by one handler, regardless of the address. It is safe for concurrent
// use.
type Network struct {
	*http.Transport // sends requests to the handler

	server   *http.Server
	accepted chan net.Conn
	closed   chan struct{}

	mu    sync.Mutex
	conns []net.Conn // of the clients; closed ones included
	down  error      // of further connections
	dials int
}

// New returns a Network that lasts until the end of the test.
func New(t *testing.T, handler http.Handler) *Network {
	n := &Network{accepted: make(chan net.Conn), closed: make(chan struct{})}
	n.Transport = &http.Transport{DialContext: n.dial}
	var serving sync.WaitGroup // with the handlers of upgraded connections, for which a server does not wait
	n.server = &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serving.Add(1)
		defer serving.Done()
		handler.ServeHTTP(w, r)
	})}
	serving.Go(func() { _ = n.server.Serve(listener{n}) })
	t.Cleanup(func() {
		n.Break()
		n.CloseIdleConnections()
		_ = n.server.Close()
		serving.Wait()
	})
	return n
}

// Break closes all connections.
func (n *Network) Break() {
	n.mu.Lock()
	conns := n.conns
	n.conns = nil
	n.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
}

// SetDown makes all further connections fail with an error; nil ends that.
func (n *Network) SetDown(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = err
}

// Dials returns the number of connections that clients tried to make.
func (n *Network) Dials() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dials
}

func (n *Network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	if err := n.add(near); err != nil {
		return nil, err
	}
	select {
	case n.accepted <- far:
		return near, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *Network) add(c net.Conn) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dials++; n.down != nil {
		return &net.OpError{Op: "dial", Net: "pipe", Err: n.down}
	}
	n.conns = append(n.conns, c)
	return nil
}

// listener accepts the connections of a Network.
type listener struct{ n *Network }

func (l listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.n.accepted:
		return c, nil
	case <-l.n.closed:
		return nil, net.ErrClosed
	}
}

// Close is called once, by http.Server.
func (l listener) Close() error {
	close(l.n.closed)
	return nil
}

func (listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "pipe"} }
