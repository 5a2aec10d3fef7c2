package progress

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A screen is a terminal that wraps its lines again when its size changes, and
// restores lines that it scrolled away, as most terminals do.
type screen struct {
	t             testing.TB
	mu            sync.Mutex
	columns, rows int
	cells         []screenRow // all rows that were ever shown; the last ones are visible
	top           int         // the first visible row
	y, x          int         // of the cursor; y counts from the first row of cells
}

// A screenRow is a row; a broken one continues in the next row.
type screenRow struct {
	text   []rune
	broken bool
}

func newScreen(t testing.TB, columns, rows int) *screen {
	return &screen{t: t, columns: columns, rows: rows, cells: make([]screenRow, 1)}
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
	old, y := s.cells, s.y
	s.cells = nil
	for i := 0; i < len(old); {
		var line []rune
		at := -1 // of the cursor
		for more := true; more && i < len(old); i++ {
			if i == y {
				at = len(line) + s.x
			}
			line = append(line, old[i].text...)
			more = old[i].broken
		}
		s.breakLine(line, at)
	}
	for n := len(s.cells); n > s.y+1 && len(s.cells[n-1].text) == 0; n-- {
		s.cells = s.cells[:n-1]
	}
	s.top = max(len(s.cells)-s.rows, 0)
}

// breakLine adds a line with the cursor at a place of it, which is -1 where it
// is elsewhere.
func (s *screen) breakLine(line []rune, at int) {
	first := len(s.cells)
	for more := true; more; {
		n := min(len(line), s.columns)
		more = len(line) > n
		s.cells = append(s.cells, screenRow{line[:n:n], more})
		line = line[n:]
	}
	if at >= 0 {
		s.y = min(first+at/s.columns, len(s.cells)-1)
		s.x = at - (s.y-first)*s.columns
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
			s.down()
			s.x = 0
		case '\r':
			s.x = 0
		case '\x1b':
			s.t.Errorf("an unknown escape in %q", text)
		default:
			s.put(r)
		}
		text = text[len(string(r)):]
	}
	return len(b), nil
}

// down moves the cursor to the next row, and scrolls.
func (s *screen) down() {
	if s.y++; s.y == len(s.cells) {
		s.cells = append(s.cells, screenRow{})
	}
	s.top = max(s.top, s.y-s.rows+1)
}

func (s *screen) put(r rune) {
	if s.x == s.columns {
		s.cells[s.y].broken = true
		s.down()
		s.x = 0
	}
	row := &s.cells[s.y]
	for len(row.text) <= s.x {
		row.text = append(row.text, ' ')
	}
	row.text[s.x] = r
	s.x++
}

func (s *screen) control(number, name string) {
	n, _ := strconv.Atoi(number)
	row := &s.cells[s.y]
	switch name {
	case "m":
	case "A":
		s.y = max(s.y-max(n, 1), s.top)
	case "B":
		if s.y++; s.y == len(s.cells) || s.y == s.top+s.rows {
			s.t.Error("the cursor is moved below all that there is")
			s.y--
		}
	case "K":
		if s.x == s.columns {
			s.t.Errorf("the last of %q may be cleared", string(row.text))
		}
		if n == 2 {
			*row = screenRow{}
		}
		row.text = row.text[:min(s.x, len(row.text))]
	default:
		s.t.Errorf("an unknown escape %s%s", number, name)
	}
}

// shown is all that was ever shown and is still there.
func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	blank := 0
	for i, r := range s.cells {
		if len(r.text) == 0 && i > s.y {
			blank++
			continue
		}
		b.WriteString(string(r.text))
		if !r.broken && i < len(s.cells)-1 {
			b.WriteByte('\n')
		}
	}
	if blank > 0 {
		return strings.TrimSuffix(b.String(), "\n")
	}
	return b.String()
}
