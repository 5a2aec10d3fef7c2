package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
		m.secrets = append(m.secrets, written(v)...)
	}
	if len(m.secrets) == 0 {
		return to
	}
	slices.SortFunc(m.secrets, func(a, b []byte) int { return cmp.Compare(len(b), len(a)) })
	return m
}

// written lists the ways in which a value may be written: as it is, quoted, in
// JSON and in URLs.
func written(v string) [][]byte {
	quoted := strconv.Quote(v)
	ways := []string{v, quoted[1 : len(quoted)-1], url.PathEscape(v), url.QueryEscape(v)}
	if b, err := json.Marshal(v); err == nil {
		inner := string(b[1 : len(b)-1])
		ways = append(ways, inner, unescaped.Replace(inner))
	}
	slices.Sort(ways)
	var list [][]byte
	for _, way := range slices.Compact(ways) {
		list = append(list, []byte(way))
	}
	return list
}

// unescaped takes back what JSON escapes for the sake of HTML.
var unescaped = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// Write reports the length of what it was given.
func (m *masked) Write(p []byte) (int, error) {
	if _, err := m.to.Write(m.hide(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// hide is text without the values.
func (m *masked) hide(text []byte) []byte {
	for _, s := range m.secrets {
		if bytes.Contains(text, s) {
			text = bytes.ReplaceAll(text, s, []byte("(hidden)"))
		}
	}
	return text
}
