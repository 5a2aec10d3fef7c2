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
	out    io.Writer
	colors bool
	ci     bool

	mu          sync.Mutex
	lineStarted bool   // something but blanks was written of the line
	pending     []byte // the beginning of what cannot be judged yet
}

// Options say what a Writer lets pass.
type Options struct {
	Colors bool // codes of colours
	CI     bool // the stream is the log of a CI job, in which some words are commands
}

// NewWriter is a Writer to another.
func NewWriter(out io.Writer, o Options) *Writer {
	return &Writer{out: out, colors: o.Colors, ci: o.CI}
}

// Unwrap is the writer below, to which all can be written.
func (w *Writer) Unwrap() io.Writer { return w.out }

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
	out, w.pending = w.escape(text, false)
	if _, err := w.out.Write(out); err != nil {
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
	out, _ := w.escape(w.pending, true)
	w.pending = nil
	_, err := w.out.Write(out)
	return err
}

var (
	colorCode   = regexp.MustCompile(`^\x1b\[[0-9;]{0,32}m`)
	colorPrefix = regexp.MustCompile(`^\x1b(\[[0-9;]{0,32})?$`)
)

// escape is what of a text may be written, and the end that is to be seen with
// what follows; nothing is left of a text that is the last.
func (w *Writer) escape(text []byte, last bool) (out, rest []byte) {
	out = make([]byte, 0, len(text)+16)
	for len(text) > 0 {
		if !last && w.isIncomplete(text) {
			return out, bytes.Clone(text)
		}
		n, shown := w.nextToken(text)
		out, text = append(out, shown...), text[n:]
	}
	return out, nil
}

// isIncomplete reports whether a text is only the beginning of something.
func (w *Writer) isIncomplete(text []byte) bool {
	switch {
	case !utf8.FullRune(text):
		return true
	case text[0] == '\x1b':
		return w.colors && colorPrefix.Match(text)
	case w.ci:
		return w.matchCommand(text) == commandPrefix
	}
	return false
}

// nextToken is the length of what comes first in a text, and how it is shown.
func (w *Writer) nextToken(text []byte) (n int, shown []byte) {
	if w.colors && text[0] == '\x1b' {
		if code := colorCode.Find(text); code != nil {
			return len(code), code
		}
	}
	r, n := utf8.DecodeRune(text)
	switch {
	case r == '\n':
		w.lineStarted = false
		return n, text[:n]
	case w.ci && w.matchCommand(text) == commandFull:
		shown = fmt.Appendf(nil, `\u%04x`, text[0])
	case r == '\t', !isUnsafe(r) && (r != utf8.RuneError || n > 1):
		shown = text[:n]
	case r == utf8.RuneError:
		shown = []byte(string(r))
	default:
		shown = []byte(escapeRune(r))
	}
	w.lineStarted = w.lineStarted || !unicode.IsSpace(r)
	return n, shown
}

// EscapeColored is a text in which nothing acts but line breaks, tabs and the codes of
// colours.
func EscapeColored(s string) string {
	out, _ := (&Writer{colors: true}).escape([]byte(s), true)
	return string(out)
}

// EscapeLog is a text of several lines in which nothing acts, not even on the log of
// a CI job.
func EscapeLog(s string) string {
	out, _ := (&Writer{ci: true}).escape([]byte(s), true)
	return string(out)
}
