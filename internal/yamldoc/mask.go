package yamldoc

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/redact"
)

// A hiddenText is a secret value at its place in a file.
type hiddenText struct {
	text   string
	column int // from 1
}

// HideScalar hides a value in excerpts of its line, and of the following lines if the
// value may span several.
func (f *File) HideScalar(n *yaml.Node) {
	if f.hidden == nil {
		f.hidden = map[int][]hiddenText{}
	}
	f.hidden[n.Line] = append(f.hidden[n.Line], hiddenText{n.Value, n.Column})
	if n.Line < 1 || n.Line >= len(f.lines) || n.Style == 0 && !strings.ContainsAny(n.Value, " \n") {
		return
	}
	indent := indentation(f.lines[n.Line-1])
	for line := n.Line + 1; line <= len(f.lines) && indentation(f.lines[line-1]) > indent; line++ {
		if strings.Contains(n.Value, firstWord(f.lines[line-1])) {
			f.hidden[line] = append(f.hidden[line], hiddenText{"", 1})
		}
	}
}

// indentation returns the number of spaces before the text of a line.
func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// firstWord returns the text of a line up to the first space.
func firstWord(line string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return word
}

// Mask hides the secret texts in the excerpt of a diagnostic and moves its mark
// accordingly. If the file spells a text in another way than its value, the rest of the
// line is hidden.
func (f *File) Mask(m *diagnostic.Diagnostic) {
	if m.Line == "" {
		return
	}
	secrets := slices.Clone(f.hidden[m.Pos.Line])
	slices.SortStableFunc(secrets, func(a, b hiddenText) int { return b.column - a.column }) // what is behind stays in its place
	for _, h := range secrets {
		line := []rune(m.Line)
		before := min(max(h.column-1, 0), len(line))
		i := -1
		if h.text != "" {
			i = strings.Index(string(line[before:]), h.text)
		}
		if i < 0 {
			m.Line = string(line[:before]) + redact.Placeholder
			continue
		}
		before += len([]rune(string(line[before:])[:i]))
		length := len([]rune(h.text))
		m.Line = string(line[:before]) + redact.Placeholder + string(line[before+length:])
		if before+1 < m.MarkColumn {
			m.MarkColumn = max(m.MarkColumn+len(redact.Placeholder)-length, before+1)
		}
	}
}
