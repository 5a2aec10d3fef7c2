package cli

import (
	"io"

	"fleet/internal/redact"
)

// A masked writer hides sensitive values in what is written through it. It is
// the last barrier: those who print know of most of them.
type redactingWriter struct {
	out     io.Writer
	secrets *redact.Redactor
}

// newRedactingWriter is a writer that hides values; the writer itself when there are none.
func newRedactingWriter(to io.Writer, values []string) io.Writer {
	if m, again := to.(*redactingWriter); again {
		to = m.out
	}
	secrets := redact.New(values)
	if secrets.Empty() {
		return to
	}
	return &redactingWriter{to, secrets}
}

// Write reports the length of what it was given.
func (m *redactingWriter) Write(p []byte) (int, error) {
	if _, err := m.out.Write(m.redact(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// redact is an output without the values.
func (m *redactingWriter) redact(text []byte) []byte { return m.secrets.Bytes(text) }
