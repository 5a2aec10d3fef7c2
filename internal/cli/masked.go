package cli

import (
	"io"

	"fleet/internal/redact"
)

// A masked writer hides sensitive values in what is written through it. It is
// the last barrier: those who print know of most of them.
type masked struct {
	to      io.Writer
	secrets *redact.Redactor
}

// mask is a writer that hides values; the writer itself when there are none.
func mask(to io.Writer, values []string) io.Writer {
	if m, again := to.(*masked); again {
		to = m.to
	}
	secrets := redact.New(values)
	if secrets.Empty() {
		return to
	}
	return &masked{to, secrets}
}

// Write reports the length of what it was given.
func (m *masked) Write(p []byte) (int, error) {
	if _, err := m.to.Write(m.hide(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// hide is an output without the values.
func (m *masked) hide(text []byte) []byte { return m.secrets.Bytes(text) }
