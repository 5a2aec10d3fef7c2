package lease_test

import (
	"net"
	"net/url"
	"sync"
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
	moved chan struct{} // closed when the state changes
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
	p := &proxy{target: target.Host, listen: l, conns: map[net.Conn]bool{}, moved: make(chan struct{})}
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
		p.set(true, 0)
		p.closeAll()
		serving.Wait()
	})
	return p
}

// set cuts the network, or delays what the server sends. While it is cut, nothing passes and
// no connection is closed, as where packets are dropped.
func (p *proxy) set(cut bool, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.delay = cut, delay
	close(p.moved)
	p.moved = make(chan struct{})
}

func (p *proxy) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	p.conns = nil
	close(p.moved)
	p.moved = make(chan struct{})
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
	both.Go(func() { p.copy(server, client, false) })
	both.Go(func() { p.copy(client, server, true) })
	both.Wait()
}

// copy moves data until a side closes its connection.
func (p *proxy) copy(to, from net.Conn, delayed bool) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if !p.pass(delayed) {
			return
		}
		if _, writeErr := to.Write(buffer[:n]); writeErr != nil || err != nil {
			return
		}
	}
}

// pass waits until data may pass. It returns false once the proxy has ended.
func (p *proxy) pass(delayed bool) bool {
	p.mu.Lock()
	delay := p.delay
	p.mu.Unlock()
	var due <-chan time.Time
	if delayed && delay > 0 {
		due = time.After(delay)
	}
	for {
		p.mu.Lock()
		cut, moved, ended := p.cut, p.moved, p.conns == nil
		p.mu.Unlock()
		switch {
		case ended:
			return false
		case !cut && due == nil:
			return true
		}
		select {
		case <-due:
			due = nil
		case <-moved:
		}
	}
}

