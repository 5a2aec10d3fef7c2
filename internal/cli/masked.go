package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
)

// A masked writer hides sensitive values in what is written through it. It is
// the last barrier: those who print know of most of them.
type masked struct {
	to      io.Writer
	secrets [][]byte // the longest first
}

// shortestMasked is the length from which values are looked for: shorter ones
// are in every text.
const shortestMasked = 4

// mask is a writer that hides values; the writer itself when there are none.
func mask(to io.Writer, values []string) io.Writer {
	if m, again := to.(*masked); again {
		to = m.to
	}
	m := &masked{to: to}
	for _, v := range values {
		if len(v) < shortestMasked {
			continue
		}
		m.secrets = append(m.secrets, []byte(v))
		if quoted, err := json.Marshal(v); err == nil && len(quoted) > len(v)+2 {
			m.secrets = append(m.secrets, quoted[1:len(quoted)-1])
		}
	}
	if len(m.secrets) == 0 {
		return to
	}
	slices.SortFunc(m.secrets, func(a, b []byte) int { return cmp.Compare(len(b), len(a)) })
	return m
}

// Write reports the length of what it was given.
func (m *masked) Write(p []byte) (int, error) {
	shown := p
	for _, s := range m.secrets {
		if bytes.Contains(shown, s) {
			shown = bytes.ReplaceAll(shown, s, []byte("(hidden)"))
		}
	}
	if _, err := m.to.Write(shown); err != nil {
		return 0, err
	}
	return len(p), nil
}
