package decode

import (
	"bytes"

	"fleet/internal/yamldoc"
)

// A TextRule turns what a file or a command yields into a text of the spec.
type TextRule struct {
	file    func([]byte) []byte
	command func([]byte) []byte
	source  func([]byte) []byte // of YAML itself
}

// CurrentRule makes a text the same on every machine: without a byte order
// mark and, in files, with lines that end in LF, however they were checked out.
var CurrentRule = TextRule{
	file:    func(text []byte) []byte { return withLF(yamldoc.TrimBOM(text)) },
	command: yamldoc.TrimBOM,
	source:  unchanged,
}

// EarlierRules are how earlier versions of fleet read the same files: as they
// are here, and as another checkout or editor may have them. Objects that were made with
// such a text count as made with the current one.
var EarlierRules = [...]TextRule{
	{file: unchanged, command: unchanged, source: unchanged},
	{file: withLF, command: unchanged, source: unchanged},
	{file: WithCRLF, command: unchanged, source: unchanged},
	finalNewlineRule: {file: CurrentRule.file, command: CurrentRule.command, source: yamldoc.ToggleFinalNewline},
}

// finalNewlineRule is the reading of YAML that ends in the middle of a text as if
// its last line break was there, or was not: a file that is cut off by one byte
// replaces nothing.
const finalNewlineRule = 3

func unchanged(text []byte) []byte { return text }

func WithCRLF(text []byte) []byte {
	return bytes.ReplaceAll(withLF(text), []byte("\n"), []byte("\r\n"))
}

func withLF(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// fileText is the text of a file by the loader's rule. It notes which earlier
// rules made another text of it.
func (l *FileSet) fileText(file []byte) (string, error) {
	return l.textBy(file, func(r TextRule) func([]byte) []byte { return r.file })
}

// commandText is fileText for what a command prints.
func (l *FileSet) commandText(output []byte) (string, error) {
	return l.textBy(output, func(r TextRule) func([]byte) []byte { return r.command })
}

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
