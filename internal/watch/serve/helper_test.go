package serve

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fleet/internal/journal"
)

// controls record what they are asked for.
type controls struct {
	asked []string
	err   error
}

func (c *controls) record(parts ...string) error {
	c.asked = append(c.asked, strings.Join(parts, " "))
	return c.err
}

func (c *controls) Reconcile(by string)             { _ = c.record("reconcile", by) }
func (c *controls) Approve(digest, by string) error { return c.record("approve", digest, by) }
func (c *controls) Pause(address, by string) error  { return c.record("pause", address, by) }
func (c *controls) Resume(address, by string) error { return c.record("resume", address, by) }
func (c *controls) take() (asked string) {
	asked = strings.Join(c.asked, ", ")
	c.asked = nil
	return asked
}

func newJournal() *journal.Journal {
	return journal.New(time.Now, journal.Head{Fleet: "demo", Mode: "enforce"})
}

func options(j *journal.Journal, c *controls) Options {
	return Options{Journal: j, Controls: c, Listen: "127.0.0.1:7777"}
}

const secret = "0123456789abcdef0123456789abcdef"

// protected are options of a watch that other machines can reach.
func protected(j *journal.Journal, c *controls) Options {
	o := options(j, c)
	o.Listen, o.Hosts, o.Token = "192.0.2.7:7777", []string{"watch.example.com"}, secret
	return o
}

func handlerOf(t *testing.T, o Options) http.Handler {
	t.Helper()
	h, err := Handler(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// request returns a request with headers, each as NAME: VALUE.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:7777"+path, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	return r
}

// respond returns the response of a handler, with its body as text.
func respond(h http.Handler, r *http.Request) (response *http.Response, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

// A pipe is a listener without a network, so that its connections are on the clock of a
// synctest bubble.
type pipe struct {
	connections chan net.Conn
	closed      chan struct{}
}

func newPipe() *pipe { return &pipe{make(chan net.Conn), make(chan struct{})} }

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	select {
	case <-p.closed:
		return net.ErrClosed
	default:
		close(p.closed)
		return nil
	}
}

func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// dial connects to the listener.
func (p *pipe) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.connections <- there:
		return here, nil
	case <-p.closed:
		return nil, errors.New("closed")
	}
}

// client returns a client of the listener.
func (p *pipe) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: p.dial, DisableCompression: true}}
}

// serving runs a server of the options on a pipe. stop ends it, and returns its error.
func serving(t *testing.T, o Options) (p *pipe, stop func() error) {
	t.Helper()
	o = o.withDefaults()
	s := &Server{options: o}
	p = newPipe()
	s.add(p, handlerOf(t, o))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return p, func() error { cancel(); return <-done }
}

// get opens a path on a pipe.
func get(t *testing.T, p *pipe, path string, headers ...string) *http.Response {
	t.Helper()
	r := request(http.MethodGet, path, "", headers...)
	r.RequestURI = ""
	response, err := p.client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// readAll returns the rest of a body.
func readAll(r io.Reader) string {
	text, _ := io.ReadAll(r)
	return string(text)
}
