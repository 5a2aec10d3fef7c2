package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/net/netutil"
)

// maxConnections is how many connections a listener has at once.
const maxConnections = 256

// A Server serves a watch on its listeners. It must be made by [Listen], and ends with
// [Server.Run] or [Server.Close].
type Server struct {
	options Options
	ends    []end
	socket  *Socket
}

// An end is a listener with the server of its requests.
type end struct {
	listener net.Listener
	server   *http.Server
}

// Listen opens the listeners. The error of a socket that another watch of the fleet has
// open is a [*RunningError].
func Listen(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.Check(); err != nil {
		return nil, err
	}
	s := &Server{options: o}
	behind, public := newAPI(o).handler()
	if o.Listen != "" {
		l, err := listenTCP(ctx, o)
		if err != nil {
			return nil, err
		}
		s.add(l, tcpGate(o, l.Addr(), behind, public))
	}
	if o.Socket != "" {
		var err error
		if s.socket, err = OpenSocket(ctx, o.Socket); err != nil {
			s.Close()
			return nil, err
		}
		s.add(s.socket, &gate{behind: behind, socket: true, now: o.Now})
	}
	return s, nil
}

// tcpGate returns the gate of the TCP address. bound is the address that the listener
// has, or nil if there is no listener.
func tcpGate(o Options, bound net.Addr, behind http.Handler, public func(path string) bool) *gate {
	g := &gate{behind: behind, hosts: slices.Clone(o.Hosts), public: public, now: o.Now}
	host, port, err := net.SplitHostPort(o.Listen)
	if t, ok := bound.(*net.TCPAddr); ok {
		port = strconv.Itoa(t.Port) // the system has chosen it if the address has port 0
	}
	if err == nil && host != "" {
		g.hosts = append(g.hosts, net.JoinHostPort(host, port))
	}
	if o.Token != "" {
		g.keys = newKeys(o.Token, port)
	}
	return g
}

// listenTCP opens the TCP address. Without a token, it refuses a name that turns out
// not to be of a loopback address.
func listenTCP(ctx context.Context, o Options) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", o.Listen, err)
	}
	if bound, ok := l.Addr().(*net.TCPAddr); o.Token == "" && ok && !bound.IP.IsLoopback() {
		_ = l.Close()
		return nil, fmt.Errorf("--listen %s: the name means %s on this machine, which other machines can reach; give a token with --listen-token-file", o.Listen, bound)
	}
	return netutil.LimitListener(l, maxConnections), nil
}

// add adds a listener with a handler. Streams end when its server shuts down.
func (s *Server) add(l net.Listener, h http.Handler) {
	streams, stop := context.WithCancel(context.Background())
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return streams },
		ErrorLog:    log.New(io.Discard, "", 0), // what clients send wrong is no event of the watch
	}
	server.RegisterOnShutdown(stop)
	s.ends = append(s.ends, end{l, server})
}

// Addr returns the TCP address, or nil if there is none.
func (s *Server) Addr() net.Addr {
	for _, e := range s.ends {
		if e.listener != net.Listener(s.socket) {
			return e.listener.Addr()
		}
	}
	return nil
}

// Run serves until ctx ends, then ends streams at once and waits for other requests for
// Options.Grace. It returns the error of a listener that fails before.
func (s *Server) Run(ctx context.Context) error {
	defer s.Close()
	failed := make(chan error, len(s.ends))
	for _, e := range s.ends {
		go func() { failed <- e.server.Serve(e.listener) }()
	}
	running := len(s.ends)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		running--
	}
	s.shutDown(context.WithoutCancel(ctx))
	for range running {
		if ended := <-failed; err == nil && !errors.Is(ended, http.ErrServerClosed) {
			err = ended
		}
	}
	return err
}

// shutDown ends all requests.
func (s *Server) shutDown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Grace)
	defer cancel()
	for _, e := range s.ends {
		if err := e.server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			e.server.Close()
		}
	}
}

// Close closes the listeners and all connections.
func (s *Server) Close() {
	for _, e := range s.ends {
		_ = e.listener.Close()
		e.server.Close()
	}
	if s.socket != nil {
		_ = s.socket.Close()
	}
}

// Handler returns the handler of the TCP address, for requests without a network. Its
// options are checked as by [Listen].
func Handler(o Options) (http.Handler, error) {
	o = o.withDefaults()
	if err := o.Check(); err != nil {
		return nil, err
	}
	behind, public := newAPI(o).handler()
	return tcpGate(o, nil, behind, public), nil
}
