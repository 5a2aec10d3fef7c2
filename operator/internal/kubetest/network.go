package kubetest

import (
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// A Network is between a client and the API server. Tests cut it and slow it down.
type Network struct {
	target string
	listen net.Listener

	mu    sync.Mutex
	cut   bool
	delay time.Duration // of data from the server
	conns map[net.Conn]bool
	ended chan struct{} // closed when the test ends
}

// NewNetwork returns a network before the server of config, and sets the address in config to
// its own. It ends with the test.
func NewNetwork(t testing.TB, config *rest.Config) *Network {
	t.Helper()
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{target: target.Host, listen: l, conns: map[net.Conn]bool{}, ended: make(chan struct{})}
	config.Host = "https://" + l.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { n.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		n.closeAll()
		serving.Wait()
	})
	return n
}

// Set cuts the network, or delays the answers of the server. While it is cut, data is dropped
// and no connection is closed.
func (n *Network) Set(cut bool, delay time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut, n.delay = cut, delay
}

func (n *Network) closeAll() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		_ = c.Close()
	}
	n.conns = nil
	close(n.ended)
}

// add registers a connection, unless the test has ended.
func (n *Network) add(c net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns == nil {
		_ = c.Close()
		return false
	}
	n.conns[c] = true
	return true
}

func (n *Network) serve(client net.Conn) {
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", n.target)
	if err != nil || !n.add(client) || !n.add(server) {
		_ = client.Close()
		return
	}
	var both sync.WaitGroup
	var sent atomic.Int32
	both.Go(func() { n.copy(server, client, func() time.Duration { sent.Add(1); return 0 }) })
	both.Go(func() {
		n.copy(client, server, func() time.Duration {
			if sent.Load() < 2 {
				return 0 // the handshake: after it, the client sends again
			}
			return n.slowness()
		})
	})
	both.Wait()
}

// A chunk is data on its way.
type chunk struct {
	data []byte
	due  time.Time
}

// copy moves data until a side closes its connection. delay returns the delay of the
// data that was just read.
func (n *Network) copy(to, from net.Conn, delay func() time.Duration) {
	way := make(chan chunk, 1<<10)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(way)
		for {
			data := make([]byte, 64<<10)
			length, err := from.Read(data)
			if err != nil {
				return
			}
			if due := time.Now().Add(delay()); !n.isCut() {
				way <- chunk{data[:length], due}
			}
		}
	})
	for c := range way {
		if !n.wait(c.due) {
			break
		}
		if _, err := to.Write(c.data); err != nil {
			break
		}
	}
	_ = to.Close()
	_ = from.Close()
	for range way { // the reader may be blocked
	}
	reading.Wait()
}

func (n *Network) slowness() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.delay
}

func (n *Network) isCut() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cut
}

// wait waits until a time. It returns false once the test has ended.
func (n *Network) wait(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-n.ended:
		return false
	}
}
