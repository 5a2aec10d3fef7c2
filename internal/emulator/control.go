package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fleet/internal/emulator/fault"
	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/world"
)

const controlPrefix = "/_emulator/"

// maxControlBody is the maximum size of the body of a control request in bytes.
const maxControlBody = 8 << 20

// serveControl serves the control endpoint, which is for tests and does not exist on
// the real server.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request, path string) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxControlBody+1))
	if err != nil {
		return
	}
	if len(raw) > maxControlBody {
		problem := map[string]string{"error": fmt.Sprintf("the request is larger than %d MiB", maxControlBody>>20)}
		response{header: http.Header{}}.json(http.StatusRequestEntityTooLarge, problem).write(w)
		return
	}
	s.handleControl(r.Method, strings.Trim(path, "/"), raw).write(w)
}

// handleControl executes one control request.
func (s *Server) handleControl(method, path string, raw []byte) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Advance(s.now())
	body, err := s.runControl(method, path, raw)
	err = errors.Join(err, s.commit())
	s.wake()
	status := http.StatusOK
	if err != nil {
		status = http.StatusBadRequest
		var e *world.APIError
		if errors.As(err, &e) {
			status = e.Status
		}
		body = map[string]string{"error": err.Error()}
	}
	return response{header: http.Header{}}.json(status, body)
}

// okBody is the response to a control request without a result.
var okBody = map[string]bool{"ok": true}

// runControl executes one control request and returns the body of its response.
func (s *Server) runControl(method, path string, raw []byte) (any, error) {
	what, name, _ := strings.Cut(path, "/")
	name, err := url.PathUnescape(name)
	if err != nil {
		return nil, err
	}
	if known, err := s.scripts.HandleControl(method, what, raw); known {
		return okBody, err
	}
	switch method + " " + what {
	case "GET log":
		return append([]*logEntry{}, s.log.entries...), nil
	case "DELETE log":
		s.log.entries = nil
	case "GET sandboxes":
		return s.sandboxViews(), nil
	case "GET objects":
		return s.storedObjects(), nil
	case "POST sandboxes":
		return s.world.PatchSandbox(name, raw)
	case "POST snapshots":
		return s.world.PatchSnapshot(name, raw)
	case "POST volumes":
		return s.world.PatchVolume(name, raw)
	case "POST faults":
		d := &fault.Disruption{}
		if err := json.Unmarshal(raw, d); err != nil {
			return nil, err
		}
		s.faults.Add(d)
	case "DELETE faults":
		s.faults.Disruptions = nil
	case "POST clock":
		return s.shiftClock(raw)
	case "POST organization":
		return s.patchOrganization(raw)
	case "POST keys":
		return okBody, s.patchKey(raw)
	case "DELETE state":
		s.reset()
		if err := s.applyFaults(); err != nil {
			return nil, err
		}
		if s.journal != nil {
			return okBody, errors.Join(s.journal.Rewrite(s.world), s.world.PruneStore())
		}
	default:
		return nil, world.NewAPIError(http.StatusNotFound, "no control operation %s %s%s", method, controlPrefix, path)
	}
	return okBody, nil
}

// sandboxViews returns all sandboxes in their current state.
func (s *Server) sandboxViews() []map[string]any {
	views := []map[string]any{}
	for _, sb := range s.world.Sandboxes.Order {
		views = append(views, s.views().Sandbox(sb))
	}
	return views
}

// shiftClock advances the clock. It cannot move backwards.
func (s *Server) shiftClock(raw []byte) (any, error) {
	var request struct{ Advance string }
	if err := json.Unmarshal(raw, &request); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(request.Advance)
	if err != nil {
		return nil, err
	}
	if d < 0 {
		return nil, world.BadRequest("the clock cannot go back")
	}
	s.world.Org.ClockOffset += d
	s.world.MarkDirty(world.KindOrganization, "")
	s.world.Advance(s.now())
	return map[string]any{"now": s.now()}, nil
}

// patchOrganization overwrites the given fields of the organisation, each as a whole.
func (s *Server) patchOrganization(raw []byte) (any, error) {
	fresh, given, err := world.Overlay(&s.world.Org, raw)
	if err != nil {
		return nil, err
	}
	org := *fresh
	if given["reason"] == nil && !org.Suspended {
		org.Reason = ""
	}
	if err := org.Check(); err != nil {
		return nil, err
	}
	// The clock has its own request.
	org.ClockOffset = s.world.Org.ClockOffset
	for field := range given {
		delete(s.world.Overridden, field)
	}
	s.world.SetOrganization(org)
	s.world.MarkDirty(world.KindOrganization, "")
	s.limits = ratelimit.NewLimiter()
	return org, nil
}

// patchKey revokes a key, or sets its permissions.
func (s *Server) patchKey(raw []byte) error {
	var request struct {
		Key         string
		Revoked     bool
		Permissions *[]string
	}
	if err := json.Unmarshal(raw, &request); err != nil {
		return err
	}
	if request.Key == "" {
		return fmt.Errorf("a key is needed")
	}
	s.keys.revoked[request.Key] = request.Revoked
	delete(s.keys.permissions, request.Key)
	if request.Permissions != nil {
		s.keys.permissions[request.Key] = *request.Permissions
	}
	return nil
}
