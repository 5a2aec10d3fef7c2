package foreign

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A Writer passes a stream of text on, in which nothing acts but line breaks,
// tabs and, where there are colours, their codes. It may be written to
// concurrently.
type Writer struct {
	to     io.Writer
	colors bool
	ci     bool

	mu      sync.Mutex
	begun   bool   // something but blanks was written of the line
	pending []byte // the beginning of what cannot be judged yet
}

// Options say what a Writer lets pass.
type Options struct {
	Colors bool // codes of colours
	CI     bool // the stream is the log of a CI job, in which some words are commands
}

// NewWriter is a Writer to another.
func NewWriter(to io.Writer, o Options) *Writer { return &Writer{to: to, colors: o.Colors, ci: o.CI} }

// Unwrap is the writer below, to which all can be written.
func (w *Writer) Unwrap() io.Writer { return w.to }

// Write reports the length of what it was given. What may be the beginning of
// something that acts is held back until the next Write or Flush.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := p
	if len(w.pending) > 0 {
		text = slices.Concat(w.pending, p)
	}
	var out []byte
	out, w.pending = w.pass(text, false)
	if _, err := w.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what was held back.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) == 0 {
		return nil
	}
	out, _ := w.pass(w.pending, true)
	w.pending = nil
	_, err := w.to.Write(out)
	return err
}

var (
	colorCode  = regexp.MustCompile(`^\x1b\[[0-9;]{0,32}m`)
	colorBegin = regexp.MustCompile(`^\x1b(\[[0-9;]{0,32})?$`)
)

// pass is what of a text may be written, and the end that is to be seen with
// what follows; nothing is left of a text that is the last.
func (w *Writer) pass(text []byte, last bool) (out, rest []byte) {
	out = make([]byte, 0, len(text)+16)
	for len(text) > 0 {
		if !last && w.undecided(text) {
			return out, bytes.Clone(text)
		}
		n, shown := w.next(text)
		out, text = append(out, shown...), text[n:]
	}
	return out, nil
}

// undecided reports whether a text is only the beginning of something.
func (w *Writer) undecided(text []byte) bool {
	switch {
	case !utf8.FullRune(text):
		return true
	case text[0] == '\x1b':
		return w.colors && colorBegin.Match(text)
	case w.ci:
		return w.command(text) == commandBegin
	}
	return false
}

// next is the length of what comes first in a text, and how it is shown.
func (w *Writer) next(text []byte) (n int, shown []byte) {
	if w.colors && text[0] == '\x1b' {
		if code := colorCode.Find(text); code != nil {
			return len(code), code
		}
	}
	r, n := utf8.DecodeRune(text)
	switch {
	case r == '\n':
		w.begun = false
		return n, text[:n]
	case w.ci && w.command(text) == commandWhole:
		shown = fmt.Appendf(nil, `\u%04x`, text[0])
	case r == '\t', !acts(r) && (r != utf8.RuneError || n > 1):
		shown = text[:n]
	case r == utf8.RuneError:
		shown = []byte(string(r))
	default:
		shown = []byte(escaped(r))
	}
	w.begun = w.begun || !unicode.IsSpace(r)
	return n, shown
}

// Colored is a text in which nothing acts but line breaks, tabs and the codes of
// colours.
func Colored(s string) string {
	out, _ := (&Writer{colors: true}).pass([]byte(s), true)
	return string(out)
}

// Logged is a text of several lines in which nothing acts, not even on the log of
// a CI job.
func Logged(s string) string {
	out, _ := (&Writer{ci: true}).pass([]byte(s), true)
	return string(out)
}
