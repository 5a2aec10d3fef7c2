package lease_test

import (
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// A proxy is the network between a replica and the API server.
type proxy struct {
	target string
	listen net.Listener

	mu    sync.Mutex
	cut   bool
	delay time.Duration // of what the server sends
	conns map[net.Conn]bool
	ended chan struct{} // closed when the test ends
}

// newProxy returns a proxy before the server of config, and sets the address in config to its
// own.
func newProxy(t *testing.T, config *rest.Config) *proxy {
	t.Helper()
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: target.Host, listen: l, conns: map[net.Conn]bool{}, ended: make(chan struct{})}
	config.Host = "https://" + l.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.closeAll()
		serving.Wait()
	})
	return p
}

// set cuts the network, or delays the answers of the server. While it is cut, what is sent is
// dropped and no connection is closed.
func (p *proxy) set(cut bool, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.delay = cut, delay
}

func (p *proxy) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	p.conns = nil
	close(p.ended)
}

// add registers a connection, unless the proxy has ended.
func (p *proxy) add(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns == nil {
		c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil || !p.add(client) || !p.add(server) {
		client.Close()
		return
	}
	var both sync.WaitGroup
	var sent atomic.Int32
	both.Go(func() { p.copy(server, client, func() time.Duration { sent.Add(1); return 0 }) })
	both.Go(func() {
		p.copy(client, server, func() time.Duration {
			if sent.Load() < 2 {
				return 0 // the handshake: after it, the client sends again
			}
			return p.slowness()
		})
	})
	both.Wait()
}

// A chunk is data on its way.
type chunk struct {
	data []byte
	due  time.Time
}

// copy moves data until a side closes its connection. delay returns the delay of what was read.
func (p *proxy) copy(to, from net.Conn, delay func() time.Duration) {
	way := make(chan chunk, 1<<10)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(way)
		for {
			data := make([]byte, 64<<10)
			n, err := from.Read(data)
			if err != nil {
				return
			}
			if due := time.Now().Add(delay()); !p.isCut() {
				way <- chunk{data[:n], due}
			}
		}
	})
	for c := range way {
		if !p.wait(c.due) {
			break
		}
		if _, err := to.Write(c.data); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	for range way { // the reader may be blocked
	}
	reading.Wait()
}

func (p *proxy) slowness() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay
}

func (p *proxy) isCut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut
}

// wait waits until a time. It returns false once the proxy has ended.
func (p *proxy) wait(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.ended:
		return false
	}
}
