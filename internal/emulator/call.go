package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/request"
	"fleet/internal/emulator/world"
)

// maxBody is the largest request body the server reads.
const maxBody = 100 << 10

// call is one request while it is answered, under the server's lock.
type call struct {
	*world.World
	srv    *Server
	method string
	path   string // escaped, below /api or the proxy
	vars   map[string]string
	query  map[string][]string
	input  request.Input
	key    string
	// origin is the scheme and host under which the client knows the server.
	origin string
	header http.Header
}

// reply is a success.
type reply struct {
	status int
	body   any     // nil: empty
	text   *string // instead of a body: one that is not JSON
	// wait, when set, holds the answer back until that sandbox is started.
	wait *wait
	// logs, when set, are what follows instead of a body.
	logs *logRequest
	// work, when set, is what a sandbox does before the answer.
	work *pendingWork
}

// response is what goes over the wire.
type response struct {
	status int
	header http.Header
	body   []byte
	wait   *wait
	logs   *logRequest
	work   *pendingWork
}

// service is one of the services that a server is made of.
type service struct {
	base   string // before the paths of its requests
	handle func(*call, http.Header) (reply, error)
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, path string) {
	s.serve(w, r, path, service{"/api", (*call).run})
}

// serve answers a request whose path is below that of the door.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, d service) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return
	}
	full := path
	if r.URL.RawQuery != "" {
		full += "?" + r.URL.RawQuery
	}
	fullPath := d.base + full
	s.mu.Lock()
	entry := s.log.begin(s.now().Time, r.Method, full, withoutEnvs(path, raw))
	injected := s.faults.Take(r.Method, path)
	s.mu.Unlock()
	if !s.sleep(r.Context(), s.opts.Latency) {
		return
	}
	if injected != nil && injected.ReplacesEffect() {
		s.finishLogEntry(entry, s.writeReplacement(injected, w, r, fullPath))
		return
	}
	a := s.respond(r, path, fullPath, d, raw)
	if a.wait != nil {
		a = s.awaitStart(r.Context(), a, fullPath)
	}
	if a.work != nil {
		a = s.awaitWork(r.Context(), a, fullPath)
	}
	if r.Context().Err() != nil {
		return
	}
	s.finishLogEntry(entry, a.status)
	if a.logs != nil && injected == nil {
		s.sendLogs(r.Context(), w, a)
		return
	}
	if injected != nil {
		a.writeCorrupted(injected, w)
		return
	}
	a.write(w)
}

// finishLogEntry notes the status a client got, and when; 0 means none.
func (s *Server) finishLogEntry(e *logEntry, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e != nil {
		e.Status, e.RespondedAt = status, s.now().Time
	}
}

func (a response) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// respond carries out a request, all but waiting.
func (s *Server) respond(r *http.Request, path, fullPath string, d service, raw []byte) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := response{header: http.Header{}}
	if len(raw) > maxBody {
		return s.refuse(a, fullPath, world.NotFound("Cannot %s %s%s", r.Method, d.base, path))
	}
	a.header.Set("X-Daytona-Api-Version", s.opts.APIVersion)
	a.header.Set("Date", s.now().UTC().Format(http.TimeFormat)) // by the clock that all times are told by
	fields, ok := request.ParseBody(r.Header.Get("Content-Type"), raw)
	if !ok {
		return a.json(http.StatusBadRequest, world.MalformedBody{Message: "Invalid JSON in request body", Error: "Bad Request", StatusCode: http.StatusBadRequest})
	}
	s.world.Advance(s.now())
	s.origin = originOf(r)
	c := &call{
		World: s.world, srv: s, method: r.Method, path: path, query: r.URL.Query(), header: r.Header,
		input: request.Input{Fields: fields}, key: bearer(r.Header.Get("Authorization")), origin: s.origin,
	}
	rep, err := d.handle(c, a.header)
	if werr := s.commit(); werr != nil {
		err = world.NewAPIError(http.StatusInternalServerError, "The emulator could not write its state file: %v", werr)
	}
	if err != nil {
		return s.refuse(a, fullPath, err)
	}
	a.wait, a.logs, a.work = rep.wait, rep.logs, rep.work
	switch {
	case rep.text != nil:
		return a.text(rep.status, *rep.text)
	case rep.body == nil:
		a.status = rep.status
		return a
	}
	return a.json(rep.status, rep.body)
}

// run goes through the guards in the server's order and then does the operation.
func (c *call) run(h http.Header) (reply, error) {
	if c.Org.Maintenance {
		return reply{}, world.ErrMaintenance
	}
	r, vars, err := findRoute(c.method, c.path, c.srv.opts.APIVersion)
	if err != nil {
		return reply{}, err
	}
	c.vars = vars
	if r.class != ratelimit.ClassAnonymous {
		if err := c.authenticate(h); err != nil {
			return reply{}, err
		}
		if r.permission != "" && !c.hasPermission(r.permission) {
			return reply{}, world.ErrDenied
		}
	}
	if r.class != ratelimit.ClassUncounted {
		if err := c.srv.limits.Count(c.World, r.class, h); err != nil {
			return reply{}, err
		}
	}
	return r.handle(c)
}

func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func bearer(header string) string {
	scheme, key, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// refuse turns an error into an answer to a request with this path. The caller holds the lock.
func (s *Server) refuse(a response, fullPath string, err error) response {
	var e *world.APIError
	if !errors.As(err, &e) {
		e = world.ErrUnexpected
	}
	if e.Status == http.StatusTooManyRequests {
		name := "Retry-After"
		if e.Class != ratelimit.ClassFailedAuth {
			name += "-" + e.Class
		}
		a.header.Set(name, strconv.Itoa(e.After))
	}
	a.wait, a.work = nil, nil
	return a.json(e.Status, world.ErrorBody{
		Path: fullPath, Timestamp: s.now(), StatusCode: e.Status, Error: http.StatusText(e.Status), Message: e.Message,
	})
}

func (a response) text(status int, text string) response {
	a.status, a.body = status, []byte(text)
	a.header.Set("Content-Type", "text/plain; charset=utf-8")
	a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	return a
}

func (a response) json(status int, v any) response {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		status, b = http.StatusInternalServerError, *bytes.NewBufferString("{}\n")
	}
	a.status, a.body = status, bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	a.header.Set("Content-Type", "application/json; charset=utf-8")
	a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	return a
}
