package serve

import (
	"net/http"
	"strconv"
	"strings"

	"fleet/internal/journal"
)

// A cursor is a position in the events of one run of a watch. A watch that starts again
// counts its events from 1, so that a number alone could mean those of another run.
type cursor struct {
	seq uint64
	run string // empty if the client does not know it
}

// String returns the id of an event: SEQ-RUN.
func (c cursor) String() string { return strconv.FormatUint(c.seq, 10) + "-" + c.run }

// runOf returns what distinguishes a run of a watch from others.
func runOf(head journal.Head) string { return strconv.FormatInt(head.Started.UnixMilli(), 36) }

// requestedCursor returns the cursor that a client asks for: in the header that
// browsers send when they connect again, else in the parameter since. given is false if
// there is neither, and ok is false if it is malformed.
func requestedCursor(r *http.Request) (c cursor, given, ok bool) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("since")
	}
	if text == "" {
		return cursor{}, false, true
	}
	number, run, _ := strings.Cut(text, "-")
	seq, err := strconv.ParseUint(number, 10, 64)
	return cursor{seq, run}, true, err == nil
}
