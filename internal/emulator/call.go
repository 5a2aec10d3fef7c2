package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxBody is the largest request body the server reads.
const maxBody = 100 << 10

// call is one request while it is answered, under the server's lock.
type call struct {
	*world
	srv    *Server
	method string
	path   string // escaped, below /api
	vars   map[string]string
	query  map[string][]string
	input  input
	key    string
	// origin is the scheme and host under which the client knows the server.
	origin string
}

// reply is a success.
type reply struct {
	status int
	body   any // nil: empty
	// wait, when set, holds the answer back until that sandbox is started.
	wait *wait
	// logs, when set, are what follows instead of a body.
	logs *logRequest
}

// answer is what goes over the wire.
type answer struct {
	status int
	header http.Header
	body   []byte
	wait   *wait
	logs   *logRequest
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, path string) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return
	}
	full := path
	if r.URL.RawQuery != "" {
		full += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	entry := s.log.begin(r.Method, full, raw)
	trouble := s.faults.take(r.Method, path)
	s.mu.Unlock()
	if !s.sleep(r.Context(), s.opts.Latency) {
		return
	}
	if trouble != nil && trouble.before() {
		s.end(entry, trouble.replaceAnswer(s, w, r, full))
		return
	}
	a := s.answer(r, path, full, raw)
	if a.wait != nil {
		a = s.await(r.Context(), a, full)
	}
	if r.Context().Err() != nil {
		return
	}
	s.end(entry, a.status)
	if a.logs != nil && trouble == nil {
		s.sendLogs(r.Context(), w, a)
		return
	}
	if trouble != nil {
		trouble.spoil(w, a)
		return
	}
	a.write(w)
}

// end notes the status a client got; 0 means none.
func (s *Server) end(e *logEntry, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e != nil {
		e.Status = status
	}
}

func (a answer) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// answer carries out a request, all but waiting.
func (s *Server) answer(r *http.Request, path, full string, raw []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := answer{header: http.Header{}}
	if len(raw) > maxBody {
		return s.refuse(a, full, notFound("Cannot %s /api%s", r.Method, path))
	}
	a.header.Set("X-Daytona-Api-Version", s.opts.APIVersion)
	a.header.Set("Date", s.now().UTC().Format(http.TimeFormat)) // by the clock that all times are told by
	fields, ok := parseBody(r.Header.Get("Content-Type"), raw)
	if !ok {
		return a.json(http.StatusBadRequest, malformedBody{"Invalid JSON in request body", "Bad Request", http.StatusBadRequest})
	}
	s.world.advance(s.now())
	c := &call{
		world: s.world, srv: s, method: r.Method, path: path, query: r.URL.Query(),
		input: input{fields: fields}, key: bearer(r.Header.Get("Authorization")), origin: originOf(r),
	}
	rep, err := c.run(a.header)
	if werr := s.commit(); werr != nil {
		err = fault(http.StatusInternalServerError, "The emulator could not write its state file: %v", werr)
	}
	if err != nil {
		return s.refuse(a, full, err)
	}
	a.wait, a.logs = rep.wait, rep.logs
	if rep.body == nil {
		a.status = rep.status
		return a
	}
	return a.json(rep.status, rep.body)
}

// run goes through the guards in the server's order and then does the operation.
func (c *call) run(h http.Header) (reply, error) {
	if c.org.Maintenance {
		return reply{}, errMaintenance
	}
	r, vars, err := findRoute(c.method, c.path, c.srv.opts.APIVersion)
	if err != nil {
		return reply{}, err
	}
	c.vars = vars
	if r.class != classAnonymous {
		if err := c.authenticate(h); err != nil {
			return reply{}, err
		}
		if r.permission != "" && !c.allowed(r.permission) {
			return reply{}, errDenied
		}
	}
	if err := c.srv.limits.count(c.world, r.class, h); err != nil {
		return reply{}, err
	}
	return r.do(c)
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

// refuse turns an error into an answer. The caller holds the lock.
func (s *Server) refuse(a answer, full string, err error) answer {
	var e *apiError
	if !errors.As(err, &e) {
		e = errUnexpected
	}
	if e.status == http.StatusTooManyRequests {
		name := "Retry-After"
		if e.class != classFailedAuth {
			name += "-" + e.class
		}
		a.header.Set(name, strconv.Itoa(e.after))
	}
	a.wait = nil
	return a.json(e.status, errorBody{
		Path: "/api" + full, Timestamp: s.now(), StatusCode: e.status, Error: http.StatusText(e.status), Message: e.message,
	})
}

func (a answer) json(status int, v any) answer {
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
