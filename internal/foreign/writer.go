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

// A Writer forwards a stream of text with unsafe characters escaped, except for line
// breaks, tabs and, if enabled, colour codes. It is safe for concurrent use.
type Writer struct {
	out    io.Writer
	colors bool
	ci     bool

	mu          sync.Mutex
	lineStarted bool   // the line has characters other than blanks
	pending     []byte // an incomplete sequence, held back
}

// Options are the sequences that a Writer forwards or escapes. The zero value escapes
// colours and no commands.
type Options struct {
	Colors bool // forward colour codes
	CI     bool // escape commands, since the stream is the log of a CI job
}

// NewWriter returns a Writer to out.
func NewWriter(out io.Writer, o Options) *Writer {
	return &Writer{out: out, colors: o.Colors, ci: o.CI}
}

// Unwrap returns the writer below, which escapes nothing.
func (w *Writer) Unwrap() io.Writer { return w.out }

// Write implements io.Writer. It holds back an incomplete sequence until the next
// Write or Flush, and returns len(p) even then.
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

// Flush writes the text that was held back.
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

// escape returns the escaped text and an incomplete sequence at its end. There is none
// if the text is the last one.
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

// isIncomplete reports whether the text may be the beginning of a longer sequence.
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

// nextToken returns the length of the first sequence in the text, and its escaped
// form.
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

// EscapeColored escapes a text, except for line breaks, tabs and colour codes.
func EscapeColored(s string) string {
	out, _ := (&Writer{colors: true}).escape([]byte(s), true)
	return string(out)
}

// EscapeLog escapes a text of several lines for the log of a CI job.
func EscapeLog(s string) string {
	out, _ := (&Writer{ci: true}).escape([]byte(s), true)
	return string(out)
}
