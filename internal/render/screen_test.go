package render

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A screen is a terminal that breaks its lines anew when its size changes, as
// most do.
type screen struct {
	t             testing.TB
	mu            sync.Mutex
	columns, rows int
	lines         [][]rune // without the breaks that the width makes
	line, at      int      // where the cursor is
}

func newScreen(t testing.TB, columns, rows int) *screen {
	return &screen{t: t, columns: columns, rows: rows, lines: [][]rune{nil}}
}

func (s *screen) size() (columns, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.columns, s.rows
}

func (s *screen) resize(columns, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.columns, s.rows = columns, rows
}

// height is how many rows a line takes.
func (s *screen) height(line []rune) int {
	return max((len(line)+s.columns-1)/s.columns, 1)
}

// row is the row of the cursor, and last the last one, from the beginning of
// all that was ever shown.
func (s *screen) row() (row, last int) {
	for i, l := range s.lines {
		if i == s.line {
			row = last + min(s.at/s.columns, s.height(l)-1) // after the last column the cursor stays in the row
		}
		last += s.height(l)
	}
	return row, last - 1
}

// up moves the cursor, no farther than to the first row that can be seen.
func (s *screen) up(n int) {
	row, last := s.row()
	to := max(row-n, last-s.rows+1, 0)
	for i, l := range s.lines {
		if h := s.height(l); to >= h {
			to -= h
			continue
		}
		s.line, s.at = i, to*s.columns
		return
	}
}

var control = regexp.MustCompile(`^\x1b\[(\d*)([A-Za-z])`)

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := string(b)
	for text != "" {
		if m := control.FindStringSubmatch(text); m != nil {
			s.control(m[1], m[2])
			text = text[len(m[0]):]
			continue
		}
		r := []rune(text)[0]
		switch r {
		case '\n':
			if s.line++; s.line == len(s.lines) {
				s.lines = append(s.lines, nil)
			}
			s.at = 0
		case '\r':
			s.at = min(s.at/s.columns, s.height(s.lines[s.line])-1) * s.columns
		case '\x1b':
			s.t.Errorf("an unknown escape in %q", text)
		default:
			line := s.lines[s.line]
			s.lines[s.line] = append(line[:s.at], append([]rune{r}, line[min(s.at+1, len(line)):]...)...)
			s.at++
		}
		text = text[len(string(r)):]
	}
	return len(b), nil
}

func (s *screen) control(number, name string) {
	n, _ := strconv.Atoi(number)
	line := s.lines[s.line]
	switch name {
	case "m":
	case "A":
		s.up(max(n, 1))
	case "K":
		if end := (s.at/s.columns + 1) * s.columns; end < len(line) {
			s.t.Errorf("a part of the line %q was cleared", string(line))
		}
		s.lines[s.line] = line[:min(s.at, len(line))]
	case "J":
		s.lines = append(s.lines[:s.line:s.line], line[:min(s.at, len(line))])
	default:
		s.t.Errorf("an unknown escape %s%s", number, name)
	}
}

// shown is all that was ever shown and is still there.
func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for i, l := range s.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(string(l))
	}
	return b.String()
}
