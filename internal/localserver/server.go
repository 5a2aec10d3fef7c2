package localserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/foreign"
)

const (
	attachTimeout = 10 * time.Second      // for another process to serve the state, or to release it
	attachPoll    = 50 * time.Millisecond // between two attempts
	noteAfter     = 5                     // attempts, after which the user learns what the command waits for
	closeTimeout  = time.Second           // for requests of other commands that are still running
)

// Options configure a [Server].
type Options struct {
	Emulator emulator.Options // with the state file
	Owner    string           // describes this process for users of others, such as "fleet watch (process 12)"

	// OnWait is called if another process has the state and does not serve it yet. The
	// owner describes it; it is escaped, and empty if it is unknown. Nil is not called.
	OnWait func(owner string)

	timeout time.Duration // 0: attachTimeout
}

// A Server serves the embedded Daytona on a loopback port. It must be made by [Start].
type Server struct {
	options   Options
	file      string // with the address of the state's server
	self      address
	transport *http.Transport
	http      *http.Server
	served    chan struct{} // closed when http has ended
	ctx       context.Context
	cancel    context.CancelFunc

	closing   sync.Once
	attaching chan struct{} // holds a value while one request attaches
	mu        sync.Mutex
	now       backend
}

// A backend has the state: this process, or another one.
type backend struct {
	own   *emulator.Server // nil if it is another process
	other address
}

// Start serves the state of a file, alone or through the process that has it. It
// waits for up to ten seconds for a process that starts or ends. ctx ends the start
// alone. The caller must call Close.
func Start(ctx context.Context, o Options) (*Server, error) {
	o.Emulator.NoWait, o.Emulator.Owner = true, o.Owner
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		options: o, file: o.Emulator.StateFile + ".server", self: address{listener.Addr().String(), newID(), o.Owner},
		transport: &http.Transport{DisableKeepAlives: true}, // a connection that was reused could end with the request in it
		served:    make(chan struct{}), attaching: make(chan struct{}, 1),
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // returns http.ErrServerClosed
	}()
	if _, err := s.attach(ctx, backend{}); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Host returns the address and port on which the server listens.
func (s *Server) Host() string { return s.self.Host }

// Other returns the description of the process that has the state, escaped; it is empty
// if it is this one.
func (s *Server) Other() string { return foreign.Escape(s.backend().other.Owner) }

func (s *Server) backend() backend {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Close ends the server. Requests of other commands that are running may end first, for
// a second. Later calls do nothing.
func (s *Server) Close() { s.closing.Do(s.close) }

func (s *Server) close() {
	s.self.remove(s.file)
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = s.http.Shutdown(ctx) // Close ends what is left
	s.http.Close()
	<-s.served
	s.cancel()
	s.attaching <- struct{}{} // no request attaches any more
	if own := s.backend().own; own != nil {
		_ = own.Close() // every answered request is stored already
	}
	s.transport.CloseIdleConnections()
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b := s.backend()
	if r.URL.Path == identityPath {
		if b.own == nil {
			http.Error(w, "the state is served by another process", http.StatusNotFound)
			return
		}
		w.Header().Set(identityHeader, s.self.ID)
		return
	}
	for b.own == nil {
		again := s.forward(w, r, b.other)
		if !again {
			return
		}
		var err error
		if b, err = s.attach(r.Context(), b); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	}
	b.own.ServeHTTP(w, r)
}

// forward sends a request to the process that has the state. again means that it did not
// get there, since the process has ended. If the process ends later, the connection to
// the client is cut, too: it is not known whether the request was executed.
func (s *Server) forward(w http.ResponseWriter, r *http.Request, to address) (again bool) {
	proxy := httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(&url.URL{Scheme: "http", Host: to.Host}) },
		Transport:     s.transport,
		FlushInterval: -1,
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			var failed *net.OpError
			if again = errors.As(err, &failed) && failed.Op == "dial"; !again {
				panic(http.ErrAbortHandler)
			}
		},
	}
	out := *r
	out.Body = io.NopCloser(r.Body) // a request that did not get there leaves it unread, and is sent again
	proxy.ServeHTTP(w, &out)
	return again
}

// attach finds the process that has the state instead of an earlier one that has ended,
// or takes over. One goroutine does so at a time.
func (s *Server) attach(ctx context.Context, earlier backend) (backend, error) {
	select {
	case s.attaching <- struct{}{}:
		defer func() { <-s.attaching }()
	case <-ctx.Done():
		return backend{}, ctx.Err()
	}
	if now := s.backend(); now != earlier {
		return now, nil
	}
	deadline := time.Now().Add(cmp.Or(s.options.timeout, attachTimeout))
	for attempt := 1; ; attempt++ {
		b, locked, err := s.try(ctx)
		switch {
		case err != nil:
			return backend{}, err
		case locked == nil:
			s.mu.Lock()
			s.now = b
			s.mu.Unlock()
			return b, nil
		case time.Now().After(deadline):
			return backend{}, notSharedError(locked)
		case attempt == noteAfter && s.options.OnWait != nil:
			s.options.OnWait(foreign.Escape(locked.Owner))
		}
		select {
		case <-time.After(attachPoll):
		case <-ctx.Done():
			return backend{}, ctx.Err()
		case <-s.ctx.Done():
			return backend{}, net.ErrClosed
		}
	}
}

// try takes the state, or finds the process that serves it. locked is not nil if another
// process has it and does not serve it.
func (s *Server) try(ctx context.Context) (b backend, locked *emulator.LockedError, err error) {
	own, err := emulator.New(s.options.Emulator)
	if errors.As(err, &locked) {
		if a, ok := readAddress(s.file); ok && a.isServed(ctx, s.transport) {
			return backend{other: a}, nil, nil
		}
		return b, locked, nil
	}
	if err != nil {
		return b, nil, err
	}
	if err := s.self.write(s.file); err != nil {
		return b, nil, errors.Join(err, own.Close())
	}
	return backend{own: own}, nil, nil
}

// notSharedError returns the error for a process that has the state and does not serve
// it to others.
func notSharedError(e *emulator.LockedError) error {
	owner := "another process"
	if e.Owner != "" {
		owner = foreign.Escape(e.Owner)
	}
	return fmt.Errorf("%s uses its state file %s and does not share it: stop it, or connect to it with --api-url if it is fleet emulator", owner, foreign.Escape(strings.TrimSuffix(e.File, ".lock")))
}
