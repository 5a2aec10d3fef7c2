package emulator

import (
	"context"
	"net/http"
	"strings"
	"time"

	"fleet/internal/emulator/request"
	"fleet/internal/emulator/world"
)

// proxyPrefix replaces the host of the real proxy.
const proxyPrefix = "/proxy/"

// logRequest is a request for the log of a build.
type logRequest struct {
	key    world.RecordKey
	follow bool // until the build has ended
}

func (c *call) sandboxBuildLogsURL() (reply, error) { return c.logsURL(c.sandboxBuild, "sandboxes") }

func (c *call) snapshotBuildLogsURL() (reply, error) { return c.logsURL(c.snapshotBuild, "snapshots") }

func (c *call) sandboxBuildLogs() (reply, error) { return c.logs(c.sandboxBuild) }

func (c *call) snapshotBuildLogs() (reply, error) { return c.logs(c.snapshotBuild) }

// sandboxBuild returns the build of the sandbox in the path.
func (c *call) sandboxBuild() (world.RecordKey, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return world.RecordKey{}, err
	}
	if sb.BuildInfo == nil {
		return world.RecordKey{}, world.NotFound("Sandbox %s has no build info", c.vars["id"])
	}
	return world.RecordKey{Kind: world.KindSandbox, ID: sb.ID}, nil
}

// snapshotBuild returns the build of the snapshot in the path.
func (c *call) snapshotBuild() (world.RecordKey, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return world.RecordKey{}, err
	}
	if s.BuildInfo == nil {
		return world.RecordKey{}, world.NotFound("Snapshot %s has no build info", s.ID)
	}
	return world.RecordKey{Kind: world.KindSnapshot, ID: s.ID}, nil
}

// logsURL returns the address of a build log.
func (c *call) logsURL(build func() (world.RecordKey, error), kinds string) (reply, error) {
	key, err := build()
	if err != nil {
		return reply{}, err
	}
	url := c.origin + proxyPrefix + kinds + "/" + key.ID + "/build-logs"
	return reply{status: success, body: map[string]string{"url": url}}, nil
}

// logs returns a build log.
func (c *call) logs(build func() (world.RecordKey, error)) (reply, error) {
	key, err := build()
	if err != nil {
		return reply{}, err
	}
	return reply{status: success, logs: &logRequest{key: key, follow: request.First(c.query["follow"]) == "true"}}, nil
}

// serveProxy serves requests to toolboxes, previews and build logs. A build log is the
// same as that of the corresponding route of the API.
func (s *Server) serveProxy(w http.ResponseWriter, r *http.Request, path string) {
	kinds, rest, _ := strings.Cut(path, "/")
	switch kinds {
	case "toolbox":
		s.serve(w, r, "/"+path, service{base: "/proxy", handle: (*call).runToolbox, maxBody: maxToolboxBody})
		return
	case "preview":
		r.Body = http.NoBody // for the process in the sandbox, which does not exist
		s.serve(w, r, "/"+path, service{base: "/proxy", handle: (*call).preview, maxBody: maxBody})
		return
	}
	id, what, _ := strings.Cut(rest, "/")
	api := map[string]string{"sandboxes": "/sandbox/", "snapshots": "/snapshots/"}[kinds]
	if api == "" || what != "build-logs" || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	s.serveAPI(w, r, api+id+"/build-logs")
}

// sendLogs writes the log of a build, until its end if it is followed. It holds the
// lock only to read the log.
func (s *Server) sendLogs(ctx context.Context, w http.ResponseWriter, a response) {
	a.header.Set("Content-Type", "text/plain; charset=utf-8")
	a.write(w)
	out := http.NewResponseController(w)
	sent := 0
	for {
		text, unchangedFor, controlChanged := s.readLog(a.logs.key)
		if len(text) > sent {
			fresh := []byte(text[sent:])
			if _, err := w.Write(fresh); err != nil {
				return
			}
			sent = len(text)
		}
		_ = out.Flush() // in-process callers read everything at the end
		if unchangedFor == 0 || !a.logs.follow || !s.pause(ctx, unchangedFor, controlChanged) {
			return
		}
	}
}

// readLog returns the log so far, for how long it will not change (0 means forever),
// and a channel that is closed if it may change sooner.
func (s *Server) readLog(key world.RecordKey) (string, time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Advance(s.now())
	if s.commit() != nil {
		return "", 0, nil
	}
	b, ok := s.world.FindBuild(key)
	if !ok {
		return "", 0, nil
	}
	text, unchangedFor := s.world.BuildLog(b)
	return text, unchangedFor, s.controlChanged
}
