package serve

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"fleet/internal/journal"
)

// An api serves the journal of a watch.
type api struct {
	options Options
	streams chan struct{} // holds an element for each open stream
}

func newAPI(o Options) *api { return &api{options: o, streams: make(chan struct{}, maxStreams)} }

// A State is the response of /api/state.
type State struct {
	journal.State
	Cursor string `json:"cursor"` // where /api/events continues after this state, as its parameter since
}

// state serves the whole journal.
func (a *api) state(w http.ResponseWriter, r *http.Request) {
	now := a.options.Journal.State()
	text, err := json.Marshal(State{State: now, Cursor: cursor{now.Seq, runOf(now.Head)}.String()})
	if err != nil {
		writeProblem(w, http.StatusInternalServerError, "the state cannot be encoded: %v", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Vary", "Accept-Encoding")
	if !acceptsGzip(r.Header.Get("Accept-Encoding")) {
		_, _ = w.Write(text) // the client is gone
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
	_, _ = z.Write(text)
	_ = z.Close()
}

// acceptsGzip reports whether a header Accept-Encoding allows gzip.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, q, weighted := strings.Cut(parameters, "=")
		weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !weighted || err == nil && weight > 0
	}
	return false
}

func (a *api) reconcile(w http.ResponseWriter, r *http.Request) {
	if !readRequest(w, r, &struct{}{}) {
		return
	}
	a.options.Controls.Reconcile(by(r))
	accept(w)
}

func (a *api) approve(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Digest *string `json:"digest"`
	}
	if !readRequest(w, r, &body) {
		return
	}
	if body.Digest == nil || *body.Digest == "" {
		writeProblem(w, http.StatusBadRequest, `the body must be {"digest": DIGEST} with the digest of the plan that waits, as in /api/state`)
		return
	}
	if err := a.options.Controls.Approve(*body.Digest, by(r)); err != nil {
		writeProblem(w, http.StatusConflict, "%v", err)
		return
	}
	accept(w)
}

func (a *api) pause(w http.ResponseWriter, r *http.Request) {
	a.setPaused(w, r, a.options.Controls.Pause)
}

func (a *api) resume(w http.ResponseWriter, r *http.Request) {
	a.setPaused(w, r, a.options.Controls.Resume)
}

// setPaused pauses or resumes an address. The whole fleet has to be named by an empty
// one, so that a request without an address does not pause everything.
func (a *api) setPaused(w http.ResponseWriter, r *http.Request, set func(address, by string) error) {
	var body struct {
		Address *string `json:"address"`
	}
	if !readRequest(w, r, &body) {
		return
	}
	if body.Address == nil {
		writeProblem(w, http.StatusBadRequest, `the body must be {"address": ADDRESS}, such as sandbox.web, or "" for the whole fleet`)
		return
	}
	if err := set(*body.Address, by(r)); err != nil {
		writeProblem(w, http.StatusNotFound, "%v", err)
		return
	}
	accept(w)
}

// readRequest decodes the body of a request, or responds with an error and returns
// false. It demands JSON: a form on another site cannot send that.
func readRequest(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		writeProblem(w, http.StatusUnsupportedMediaType, "the header Content-Type must be application/json")
		return false
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("there is more after the JSON value")
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return true
	case errors.As(err, &large):
		writeProblem(w, http.StatusRequestEntityTooLarge, "the body is larger than the limit of %d bytes", large.Limit)
	case errors.Is(err, io.EOF):
		writeProblem(w, http.StatusBadRequest, "the body is empty; send a JSON object, such as {}")
	default:
		writeProblem(w, http.StatusBadRequest, "the body is not valid: %v", err)
	}
	return false
}

// accept responds that the watch will act.
func accept(w http.ResponseWriter) {
	writeJSON(w, http.StatusAccepted, struct {
		Accepted bool `json:"accepted"`
	}{true})
}

// by returns the name of the client, for [journal.Controls].
func by(r *http.Request) string {
	if fromBrowser(r.Header) {
		return "page"
	}
	return "command"
}
