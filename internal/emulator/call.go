package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/request"
	"fleet/internal/emulator/world"
	"fleet/internal/input"
)

// Maximum sizes of a request body in bytes.
const (
	maxBody        = 100 << 10
	maxToolboxBody = 64 << 20 // which uploads have
)

// call is a request that is being processed, under the server's lock.
type call struct {
	*world.World
	srv    *Server
	method string
	path   string // escaped, below /api or the proxy
	vars   map[string]string
	query  map[string][]string
	input  request.Input
	body   []byte // as sent
	key    string
	// origin is the scheme and host under which the client reached the server.
	origin string
	header http.Header
	// arrived is when the request arrived, before the latency.
	arrived world.Instant
}

// reply is a successful result.
type reply struct {
	status int
	body   any     // nil means empty
	text   *string // a text instead of body
	file   *file   // a content of another type instead of body
	// wait, if not nil, delays the response until the sandbox has started.
	wait *wait
	// logs, if not nil, streams a log instead of a body.
	logs *logRequest
	// work, if not nil, delays the response until a command has ended.
	work *pendingWork
}

// file is a body with its content type.
type file struct {
	contentType string
	content     []byte
}

// response is a complete HTTP response.
type response struct {
	status int
	header http.Header
	body   []byte
	wait   *wait
	logs   *logRequest
	work   *pendingWork
}

// service is one of the services of a server, such as the API.
type service struct {
	base    string // path prefix of its requests
	handle  func(*call, http.Header) (reply, error)
	maxBody int // bytes
	// arrived is when the request arrived.
	arrived world.Instant
}

// tooLarge returns the error for a body above its maximum. The API has no route for it.
func (d service) tooLarge(method, path string) error {
	if d.base == "/api" {
		return world.NotFound("Cannot %s %s%s", method, d.base, path)
	}
	return world.NewAPIError(http.StatusRequestEntityTooLarge, "The embedded Daytona accepts at most %s in one request.", input.FormatSize(int64(d.maxBody)))
}

// serveAPI serves a request to the API. The path is below /api.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, path string) {
	s.serve(w, r, path, service{base: "/api", handle: (*call).run, maxBody: maxBody})
}

// serve serves a request to a service. The path is below that of the service.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, d service) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, int64(d.maxBody)+1))
	if err != nil {
		return
	}
	full := path
	if r.URL.RawQuery != "" {
		full += "?" + r.URL.RawQuery
	}
	fullPath := d.base + full
	s.mu.Lock()
	d.arrived = s.now()
	entry := s.log.begin(d.arrived.Time, r.Method, full, withoutEnvs(path, raw))
	injected := s.faults.Take(r.Method, path)
	takes := s.opts.Latency + s.transaction(r.Method, path, raw)
	s.mu.Unlock()
	if !s.sleep(r.Context(), takes) {
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

// transaction returns for how long the transaction of a request is open in which others
// can collide with it. The caller holds the lock.
func (s *Server) transaction(method, path string, body []byte) time.Duration {
	if method != http.MethodPost || path != "/snapshots" && path != "/sandbox" || !bytes.Contains(body, []byte(`"buildInfo"`)) {
		return 0
	}
	return s.world.BuildRace()
}

// finishLogEntry records the status that a client received; 0 means none.
func (s *Server) finishLogEntry(e *logEntry, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e != nil {
		e.Status, e.RespondedAt = status, s.now().Time
	}
}

// write sends the response.
func (a response) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// respond executes a request, except for waiting.
func (s *Server) respond(r *http.Request, path, fullPath string, d service, raw []byte) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := response{header: http.Header{}}
	if len(raw) > d.maxBody {
		return s.refuse(a, fullPath, d.tooLarge(r.Method, path))
	}
	a.header.Set("X-Daytona-Api-Version", s.opts.APIVersion)
	a.header.Set("Date", s.now().UTC().Format(http.TimeFormat)) // the emulator's clock
	fields, ok := request.ParseBody(r.Header.Get("Content-Type"), raw)
	if !ok {
		return a.json(http.StatusBadRequest, world.MalformedBody{Message: "Invalid JSON in request body", Error: "Bad Request", StatusCode: http.StatusBadRequest})
	}
	s.world.Advance(s.now())
	s.origin = originOf(r)
	c := &call{
		World: s.world, srv: s, method: r.Method, path: path, query: r.URL.Query(), header: r.Header,
		input: request.Input{Fields: fields}, body: raw, key: bearer(r.Header.Get("Authorization")), origin: s.origin, arrived: d.arrived,
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
		return a.raw(rep.status, file{"text/plain; charset=utf-8", []byte(*rep.text)})
	case rep.file != nil:
		return a.raw(rep.status, *rep.file)
	case rep.body == nil:
		a.status = rep.status
		return a
	}
	return a.json(rep.status, rep.body)
}

// run checks the request in the order of the server, and then executes the operation.
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

// originOf returns the scheme and host of a request.
func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// bearer returns the key in an Authorization header, or "".
func bearer(header string) string {
	scheme, key, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// refuse turns an error into the response to a request with this path. The caller
// holds the lock.
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

// raw returns the response with a body that is not JSON.
func (a response) raw(status int, body file) response {
	a.status, a.body = status, body.content
	a.header.Set("Content-Type", body.contentType)
	a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	return a
}

// json returns the response with a JSON body.
func (a response) json(status int, v any) response {
	body, complete := v.(json.RawMessage)
	if !complete {
		var err error
		if body, err = world.EncodeJSON(v); err != nil {
			status, body = http.StatusInternalServerError, []byte("{}")
		}
	}
	a.status, a.body = status, body
	a.header.Set("Content-Type", "application/json; charset=utf-8")
	a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	return a
}
