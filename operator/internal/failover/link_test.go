package failover_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// The states of a link.
const (
	open     = iota
	silent   // nothing passes, and connections stay open
	refusing // connections are closed
)

// A link is the network between a replica and a server.
type link struct {
	target   string
	tunnel   bool                 // clients ask for a tunnel, as HTTPS clients do of a proxy
	onDial   func(address string) // called with the address of each connection to the server; may be nil
	listener net.Listener

	mu    sync.Mutex
	state int
	pipes map[*pipe]bool
	ended bool
}

// A pipe is one connection through a link.
type pipe struct {
	client, server net.Conn
	lost           chan struct{} // closed when nothing passes any more
}

// newLink returns an open link to a server. It ends with the test.
func newLink(t *testing.T, target string, tunnel bool, onDial func(address string)) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := &link{target: target, tunnel: tunnel, onDial: onDial, listener: listener, pipes: map[*pipe]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { l.serve(c) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		l.mu.Lock()
		l.ended = true
		l.mu.Unlock()
		l.set(open)
		l.set(refusing)
		serving.Wait()
	})
	return l
}

func (l *link) address() string { return l.listener.Addr().String() }

// set changes the state. What was sent while the link was silent is lost: these connections
// are closed when it opens.
func (l *link) set(state int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	former := l.state
	l.state = state
	for p := range l.pipes {
		if state == silent {
			p.lose()
		}
		if state == refusing || former == silent {
			p.close()
			delete(l.pipes, p)
		}
	}
}

// lose drops what is sent from now on. The caller holds the lock of the link.
func (p *pipe) lose() {
	select {
	case <-p.lost:
	default:
		close(p.lost)
	}
}

func (p *pipe) close() {
	p.lose()
	p.client.Close()
	if p.server != nil {
		p.server.Close()
	}
}

// add registers a connection, unless connections are refused.
func (l *link) add(c net.Conn) *pipe {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.state == refusing {
		c.Close()
		return nil
	}
	p := &pipe{client: c, lost: make(chan struct{})}
	l.pipes[p] = true
	if l.state == silent {
		p.lose()
	}
	return p
}

// remove forgets a connection and closes it. It stays open while the link is silent.
func (l *link) remove(p *pipe) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pipes[p] && l.state == silent {
		return
	}
	delete(l.pipes, p)
	p.close()
}

// attach connects a pipe to the server.
func (l *link) attach(p *pipe) bool {
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.pipes[p] {
		server.Close()
		return false
	}
	p.server = server
	if l.onDial != nil {
		l.onDial(server.LocalAddr().String())
	}
	return true
}

// serve moves data between a client and the server until a side closes its connection.
func (l *link) serve(c net.Conn) {
	p := l.add(c)
	if p == nil {
		return
	}
	defer l.remove(p)
	select {
	case <-p.lost:
		return
	default:
	}
	from := bufio.NewReader(c)
	if l.tunnel {
		if req, err := http.ReadRequest(from); err != nil || req.Method != http.MethodConnect {
			return
		}
	}
	if !l.attach(p) {
		return
	}
	if l.tunnel {
		if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
			return
		}
	}
	var back sync.WaitGroup
	back.Go(func() {
		p.copy(c, p.server)
		l.remove(p)
	})
	p.copy(p.server, from)
	l.remove(p)
	back.Wait()
}

// copy moves data until a side closes its connection or the data is lost.
func (p *pipe) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-p.lost:
			return
		default:
		}
		if _, writeErr := to.Write(buffer[:n]); writeErr != nil || err != nil {
			return
		}
	}
}
