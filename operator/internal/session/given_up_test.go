package session_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/memnet"
	"fleet/internal/watch/policy"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
	"fleet/spec"
)

// A slowServer is a Daytona that does not answer requests to one path.
type slowServer struct {
	*emulator.Server
	silent string // path; empty for none

	mu    sync.Mutex
	paths []string // of the API's requests so far
	held  bool     // a request was not answered
}

func (s *slowServer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.Contains(req.URL.Path, "socket.io") {
		s.mu.Lock()
		s.paths = append(s.paths, req.URL.Path)
		hold := req.URL.Path == s.silent
		s.held = s.held || hold
		s.mu.Unlock()
		if hold {
			<-req.Context().Done()
			return
		}
	}
	s.Server.ServeHTTP(w, req)
}

// giveUp gives a fleet up a second after its pass has started to read from a server that is
// silent at a path. It returns the result, and how long the pass continued.
func giveUp(t *testing.T, silent string) (s *slowServer, after time.Duration, err error) {
	t.Helper()
	e, err := emulator.New(emulator.Options{Key: "k"})
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	s = &slowServer{Server: e, silent: silent}
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: web\nsandboxes: {web: {count: 2}}\n")})
	must(t, err)
	memory := &session.Memory{Store: func(context.Context, string) error { return nil }}
	must(t, memory.Restore(""))
	x := session.New(session.Options{
		Organizations: organization.NewRegistry(organization.Options{}), Memory: memory, Wake: func() {}, Resync: func() {}, Now: time.Now,
	})
	t.Cleanup(x.Close)
	must(t, x.Use(&source.Input{Fleet: fleet, Config: client.Config{URL: "http://localhost/api", Key: "k", Transport: memnet.New(t, s)}}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stopped time.Time
	timer := time.AfterFunc(time.Second, func() { stopped = time.Now(); cancel() })
	defer timer.Stop()
	if _, err = x.Organization(ctx, true); err == nil {
		_, err = x.Pass(t.Context(), session.Order{Urgent: true, MaxAge: time.Hour, Policy: policy.Policy{Mode: policy.Observe}, Stop: ctx.Done()})
	}
	synctest.Wait()
	if !stopped.IsZero() {
		after = time.Since(stopped)
	}
	return s, after, err
}

// TestGivenUpWhileReading: a fleet that is given up stops to read at once, regardless of
// what it reads, and that is no failure of the server.
func TestGivenUpWhileReading(t *testing.T) {
	var paths []string
	synctest.Test(t, func(t *testing.T) {
		s, _, err := giveUp(t, "")
		must(t, err)
		paths = s.paths
	})
	if len(paths) < 3 {
		t.Fatalf("a pass reads %v", paths)
	}
	for _, path := range paths {
		synctest.Test(t, func(t *testing.T) {
			s, after, err := giveUp(t, path)
			if !s.held {
				t.Errorf("%s was not read", path)
			}
			if err != nil && !errors.Is(err, context.Canceled) || after > 0 {
				t.Errorf("%s: reading continued for %s: %v", path, after, err)
			}
		})
	}
	t.Logf("a pass reads %v", paths)
}
