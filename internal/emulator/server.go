package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"fleet/internal/emulator/blob"
	"fleet/internal/emulator/events"
	"fleet/internal/emulator/fault"
	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/storage"
	"fleet/internal/emulator/toolbox"
	"fleet/internal/emulator/view"
	"fleet/internal/emulator/world"
)

// Server serves the API of Daytona's control plane from memory. It is safe for
// concurrent use.
type Server struct {
	opts Options

	mu      sync.Mutex
	world   *world.World
	limits  *ratelimit.Limiter
	keys    *keyring
	faults  *fault.List
	log     *requestLog
	sorted  sortedList
	journal *world.Journal // nil without a state file
	storage *storage.Storage
	// hub distributes events; connections counts the clients that receive them.
	hub         *events.Hub
	connections sync.WaitGroup
	// scripts are the responses of commands and previews.
	scripts toolbox.Scripts
	// origin is the scheme and host of the last request.
	origin string
	// controlChanged is closed and replaced whenever the control endpoint changed
	// something, so that waiting requests check their condition again.
	controlChanged chan struct{}

	closing sync.Once
	closed  chan struct{}
}

// New returns a Server with the world of the state file, or a new world. The caller
// must close it.
func New(opts Options) (*Server, error) {
	switch opts.APIVersion {
	case "":
		opts.APIVersion = world.Version205
	case world.Version220, world.Version205, world.Version190:
	default:
		return nil, fmt.Errorf("emulator: unknown API version %q (use %s, %s or %s)", opts.APIVersion, world.Version220, world.Version205, world.Version190)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{opts: opts, hub: events.NewHub(), controlChanged: make(chan struct{}), closed: make(chan struct{})}
	s.reset()
	if opts.StateFile != "" {
		j, err := world.OpenJournal(opts.StateFile, s.world, world.LockOptions{Owner: opts.Owner, NoWait: opts.NoWait})
		if err != nil {
			return nil, fmt.Errorf("emulator: %w", err)
		}
		s.journal = j
	}
	if err := s.applyFaults(); err != nil {
		return nil, errors.Join(fmt.Errorf("emulator: %w", err), s.Close())
	}
	if !s.world.Org.NoRunners {
		s.world.Advance(s.now())
		s.world.Resume()
	}
	return s, nil
}

// reset discards everything except the options. The caller holds the lock, or is New.
func (s *Server) reset() {
	s.world = world.NewWorld(s.opts.Delays, blob.NewStore(s.opts.StateFile), s.publishChange)
	s.world.APIVersion = s.opts.APIVersion
	s.limits = ratelimit.NewLimiter()
	s.keys = newKeyring()
	s.faults = fault.NewList()
	s.log = newRequestLog(s.opts.Control)
	s.storage = storage.New(s.world)
	s.scripts = toolbox.Scripts{}
}

// Close ends hanging requests and event connections, and compacts and closes the state
// file. The server must not be used afterwards.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		s.mu.Lock()
		close(s.closed)
		s.mu.Unlock()
		s.connections.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.journal != nil {
			err = s.journal.Close(s.world)
		}
	})
	return err
}

// ServeHTTP implements http.Handler. It serves the API below /api, the proxy, the
// object storage and the control endpoint. All other paths return the page of the
// dashboard, as on the real server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	switch {
	case path == "/api"+events.Path:
		s.serveEvents(w, r)
	case path == "/api" || strings.HasPrefix(path, "/api/"):
		s.serveAPI(w, r, strings.TrimPrefix(path, "/api"))
	case strings.HasPrefix(path, storage.Prefix+"/"):
		s.serveStorage(w, r, strings.TrimPrefix(path, storage.Prefix))
	case strings.HasPrefix(path, proxyPrefix):
		s.serveProxy(w, r, strings.TrimPrefix(path, proxyPrefix))
	case s.opts.Control && strings.HasPrefix(path, controlPrefix):
		s.serveControl(w, r, strings.TrimPrefix(path, controlPrefix))
	default:
		page(w, http.StatusOK, "Daytona", "")
	}
}

// page writes an HTML page.
func page(w http.ResponseWriter, status int, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html>\n<html><head><title>%s</title></head><body><div id=\"root\">%s</div></body></html>\n", title, text)
}

// now returns the time of the emulator's clock. The caller holds the lock.
func (s *Server) now() world.Instant {
	return world.InstantOf(s.opts.Now().Add(s.world.Org.ClockOffset))
}

// commit writes the changed records to the state file, and removes the contents of files
// that they no longer have. The caller holds the lock.
func (s *Server) commit() error {
	dirty, obsolete := s.world.TakeDirty(), s.world.TakeObsolete()
	if s.journal != nil && len(dirty) > 0 {
		if err := s.journal.Append(s.world, dirty); err != nil {
			return err
		}
	}
	if len(obsolete) == 0 {
		return nil
	}
	return s.world.Store.Remove(obsolete)
}

// wake makes waiting requests check their condition again. The caller holds the lock.
func (s *Server) wake() {
	close(s.controlChanged)
	s.controlChanged = make(chan struct{})
}

// sleep waits for d. It returns false if the request or the server ended first.
func (s *Server) sleep(ctx context.Context, d time.Duration) bool {
	return d <= 0 || s.pause(ctx, d, nil)
}

// pause waits for d or until wake is closed. It returns false if the request or the
// server ended first.
func (s *Server) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-wake:
		return true
	case <-ctx.Done():
	case <-s.closed:
	}
	return false
}

// views returns the views of the objects for the last caller. The caller holds the lock.
func (s *Server) views() view.Views {
	return view.Views{Version: s.opts.APIVersion, ToolboxProxy: s.toolboxProxy()}
}
