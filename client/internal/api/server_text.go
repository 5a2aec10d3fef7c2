package api

import (
	"cmp"
	"net/http"
	"strings"
	"unicode"

	"fleet/internal/redact"
)

// A Redactor removes credentials from text that came from outside: servers and
// proxies echo what they were sent.
type Redactor struct{ *redact.Redactor }

// NewRedactor returns a redactor of the secrets; empty ones are ignored.
func NewRedactor(secrets ...string) Redactor { return Redactor{redact.New(secrets)} }

// Err returns err, or nil if its text holds a secret: the text of an error cannot be
// changed without losing its type.
func (r Redactor) Err(err error) error {
	if err == nil || r.Text(err.Error()) != err.Error() {
		return nil
	}
	return err
}

// RequestID returns the id by which the server, or a proxy in front of it, knows the
// request; "" if the response has none.
func RequestID(h http.Header) string { return cmp.Or(h.Get("X-Request-Id"), h.Get("Cf-Ray")) }

// MaxMessage is the longest text of a server that an error shows, in bytes. A server
// may send 64 KiB.
const MaxMessage = 2000

// OneLine returns a text of a server as one line of at most MaxMessage bytes, without
// control characters, which a terminal would obey.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= MaxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:MaxMessage], "") + "..."
}
