package emulator

import "time"

// maxLog bounds the log of a server that runs for days; the oldest go first.
const maxLog = 200_000

// logEntry is one request as the control endpoint shows it.
type logEntry struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body"`
	Status int    `json:"status"`

	// ArrivedAt is when the request arrived, and Answered when its answer was ready, by
	// the emulator's clock; zero before.
	ArrivedAt   time.Time `json:"came"`
	RespondedAt time.Time `json:"answered,omitzero"`
}

// requestLog holds the requests since its start. It never sees headers.
type requestLog struct {
	on      bool
	entries []*logEntry
}

func newRequestLog(on bool) *requestLog { return &requestLog{on: on} }

// begin adds a request that has no status yet; nil when the log is off.
func (l *requestLog) begin(now time.Time, method, path string, body []byte) *logEntry {
	if !l.on {
		return nil
	}
	if len(l.entries) >= maxLog {
		l.entries = append([]*logEntry(nil), l.entries[maxLog/10:]...)
	}
	e := &logEntry{ArrivedAt: now, Method: method, Path: path, Body: string(body)}
	l.entries = append(l.entries, e)
	return e
}
