package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"fleet/internal/journal"
)

const (
	maxStreams = 64               // open event streams at once
	keepAlive  = 15 * time.Second // between two lines of a stream, so that a lost connection is noticed
)

// events serves the events after a cursor as server-sent events, until the client goes
// away or the server shuts down.
func (a *api) events(w http.ResponseWriter, r *http.Request) {
	from, given, ok := requestedCursor(r)
	if !ok {
		writeProblem(w, http.StatusBadRequest, "since must be the number of an event or the id of one, not %q", cut(r.URL.Query().Get("since")))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
	default:
		w.Header().Set("Retry-After", "10")
		writeProblem(w, http.StatusServiceUnavailable, "%d event streams are open, which is the limit; close a page, or read /api/state instead", maxStreams)
		return
	}
	removeDeadlines(w)
	w.Header().Set("X-Accel-Buffering", "no") // nginx would collect events
	s := stream{journal: a.options.Journal, to: w, control: http.NewResponseController(w)}
	s.start(from, given)
	s.run(r)
}

// removeDeadlines removes the deadlines of a request. A deadline for reading would end
// the context of a stream.
func removeDeadlines(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // not supported by the recorders of tests
	_ = c.SetWriteDeadline(time.Time{})
}

// A stream is one client that reads events.
type stream struct {
	journal *journal.Journal
	to      http.ResponseWriter
	control *http.ResponseController
	at      cursor // of the last event that was sent
	text    bytes.Buffer
}

// start sets where the stream starts: with a reset if the client knows another run of
// the watch, and with the next event if it knows none.
func (s *stream) start(from cursor, given bool) {
	head, seq := s.journal.Head()
	s.at = cursor{seq, runOf(head)}
	s.text.WriteString("retry: 2000\n\n")
	switch {
	case !given:
	case from.run != "" && from.run != s.at.run:
		s.reset()
	default:
		s.at.seq = from.seq
	}
}

// run sends events until the request ends.
func (s *stream) run(r *http.Request) {
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		changed := s.collect()
		if s.flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-alive.C:
			s.text.WriteString(":\n\n")
		}
	}
}

// collect adds the events since the last call. It returns a channel that is closed at
// the next one.
func (s *stream) collect() <-chan struct{} {
	events, complete, changed := s.journal.Since(s.at.seq)
	if !complete {
		_, s.at.seq = s.journal.Head()
		s.reset()
		return changed // closed if an event was added meanwhile
	}
	for _, e := range events {
		s.at.seq = e.Seq
		s.add("", e)
	}
	return changed
}

// reset asks the client to read the whole state: events that it has not seen are
// forgotten, or belong to another run of the watch.
func (s *stream) reset() {
	s.add("reset", struct {
		Seq uint64 `json:"seq"`
	}{s.at.seq})
}

// add adds an event with the current cursor as its id. An empty name is that of
// ordinary messages.
func (s *stream) add(name string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		return // the types of the journal can be encoded
	}
	if name != "" {
		fmt.Fprintf(&s.text, "event: %s\n", name)
	}
	fmt.Fprintf(&s.text, "id: %s\ndata: %s\n\n", s.at, text)
}

// flush sends what was collected. It gives up on a client that does not read.
func (s *stream) flush() error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // of the connection, on the clock of the runtime
	_, err := s.to.Write(s.text.Bytes())
	s.text.Reset()
	if err != nil {
		return err
	}
	return s.control.Flush()
}
