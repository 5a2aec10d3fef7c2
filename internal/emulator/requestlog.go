package emulator

import "time"

// maxLog is the maximum number of requests in the log; the oldest are removed first.
const maxLog = 200_000

// logEntry is one request as the control endpoint shows it.
type logEntry struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body"`
	Status int    `json:"status"`

	// ArrivedAt is when the request arrived, by the emulator's clock, and RespondedAt
	// when its response was ready; zero before.
	ArrivedAt   time.Time `json:"came"`
	RespondedAt time.Time `json:"answered,omitzero"`
}

// requestLog holds the requests since the start. It never contains headers.
type requestLog struct {
	on      bool // false records nothing
	entries []*logEntry
}

func newRequestLog(on bool) *requestLog { return &requestLog{on: on} }

// begin adds a request without a status; nil if the log is off.
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
