// Package buildlog reads the logs of image builds. It finds the step at which a build
// failed, in the spelling of the classic builder and in that of BuildKit.
package buildlog

import (
	"bufio"
	"io"
	"strings"

	"fleet/internal/foreign"
)

// Limits of a log. It may be endless, and anybody may have written it.
const (
	MaxTail       = 50       // lines at its end
	MaxLineLength = 4 << 10  // bytes, at which a line is cut
	maxLogSize    = 64 << 20 // bytes, after which nothing is read
	maxVertices   = 10_000   // steps that BuildKit runs
)

// A Log is what is known of a log after it was read. The zero Log is empty.
type Log struct {
	Lines int // that were read

	tail     []string
	classic  step
	vertices map[string]step // of BuildKit, by number
	failed   step            // that BuildKit reports as failed
	line     int             // of the Dockerfile, as BuildKit reports it
	exitCode int
	command  string // that did not complete
}

// Tail returns the last lines, at most [MaxTail].
func (l *Log) Tail() []string { return l.tail }

// Read adds the lines of a log, without what redact hides. It ends with the log, at its
// first error, or at the limit of its size. It calls each with every line.
func (l *Log) Read(log io.Reader, redact func(string) string, each func(string)) {
	lines := NewLines(io.LimitReader(log, maxLogSize), redact)
	for {
		text, err := lines.Next()
		if err != nil {
			return
		}
		l.add(text)
		each(text)
	}
}

// add adds a line.
func (l *Log) add(text string) {
	l.Lines++
	if len(l.tail) == MaxTail {
		copy(l.tail, l.tail[1:])
		l.tail = l.tail[:MaxTail-1]
	}
	l.tail = append(l.tail, text)
	l.scan(text)
}

// Lines reads a log line by line.
type Lines struct {
	reader *bufio.Reader
	redact func(string) string
}

// NewLines returns the lines of a log, without what redact hides.
func NewLines(log io.Reader, redact func(string) string) *Lines {
	// A value that redact hides is cut only where the line is cut anyway, unless the value
	// is longer than a line.
	return &Lines{bufio.NewReaderSize(log, 2*MaxLineLength), redact}
}

// Next returns the next line without its end, as a terminal shows it at last, cut at
// [MaxLineLength]. What would act on a terminal is escaped. The error of the log, or
// [io.EOF], is returned after the last line.
func (l *Lines) Next() (string, error) {
	text, cut, err := l.reader.ReadLine()
	if err != nil {
		return "", err
	}
	line := l.redact(string(text))
	for cut && err == nil {
		_, cut, err = l.reader.ReadLine()
	}
	return plain(line), nil
}

// plain returns a line as a terminal shows it at last: without the codes that color it and
// without what a carriage return overwrites.
func plain(text string) string {
	text = strings.TrimRight(codes.ReplaceAllString(text, ""), "\r \t")
	text = text[strings.LastIndexByte(text, '\r')+1:]
	text = foreign.Escape(strings.ReplaceAll(text, "\t", "  "))
	return strings.ToValidUTF8(text[:min(len(text), MaxLineLength)], "")
}
