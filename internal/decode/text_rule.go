package decode

import (
	"bytes"

	"fleet/internal/yamldoc"
)

// A TextRule normalizes what a file or a command yields before it becomes a text of the
// spec.
type TextRule struct {
	file    func([]byte) []byte // for files given by reference
	command func([]byte) []byte // for the output of commands
	source  func([]byte) []byte // for YAML files
}

// CurrentRule makes a text the same on every machine: it removes the byte order mark
// and, in files, normalizes line ends to LF.
var CurrentRule = TextRule{
	file:    func(text []byte) []byte { return withLF(yamldoc.TrimBOM(text)) },
	command: yamldoc.TrimBOM,
	source:  unchanged,
}

// EarlierRules are how earlier versions of fleet read the same files, as they are or as
// another checkout or editor may write them. An object whose values match an earlier
// rule counts as up to date, so that an upgrade replaces nothing.
var EarlierRules = [...]TextRule{
	{file: unchanged, command: unchanged, source: unchanged},
	{file: withLF, command: unchanged, source: unchanged},
	{file: WithCRLF, command: unchanged, source: unchanged},
	finalNewlineRule: {file: CurrentRule.file, command: CurrentRule.command, source: yamldoc.ToggleFinalNewline},
}

// finalNewlineRule is the index of the rule that reads YAML with its last line break
// removed or added, if it ends within a block scalar: one byte at the end of a file
// must not replace an object.
const finalNewlineRule = 3

// unchanged returns text itself.
func unchanged(text []byte) []byte { return text }

// WithCRLF returns text with all line ends as CR LF.
func WithCRLF(text []byte) []byte {
	return bytes.ReplaceAll(withLF(text), []byte("\n"), []byte("\r\n"))
}

// withLF returns text with all line ends as LF.
func withLF(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// fileText returns the text of a file by the rule of the set. It records the earlier
// rules that read it differently.
func (l *FileSet) fileText(file []byte) (string, error) {
	return l.textBy(file, func(r TextRule) func([]byte) []byte { return r.file })
}

// commandText is fileText for the output of a command.
func (l *FileSet) commandText(output []byte) (string, error) {
	return l.textBy(output, func(r TextRule) func([]byte) []byte { return r.command })
}

// textBy applies the part of a rule that of selects.
func (l *FileSet) textBy(raw []byte, of func(TextRule) func([]byte) []byte) (string, error) {
	text, err := SingleText(of(l.rule)(raw))
	if err != nil {
		return "", err
	}
	for i, rule := range EarlierRules {
		if other, err := SingleText(of(rule)(raw)); err == nil && other != text {
			l.Differing[i] = true
		}
	}
	return text, nil
}
