package spec

import "bytes"

// A textRule turns what a file or a command yields into a text of the spec.
type textRule struct {
	file    func([]byte) []byte
	command func([]byte) []byte
	source  func([]byte) []byte // of YAML itself
}

// currentRule makes a text the same on every machine: without a byte order
// mark and, in files, with lines that end in LF, however they were checked out.
var currentRule = textRule{
	file:    func(text []byte) []byte { return withLF(trimBOM(text)) },
	command: trimBOM,
	source:  unchanged,
}

// earlierRules are how earlier versions of fleet read the same files: as they
// are here, and as another checkout or editor may have them. Objects that were made with
// such a text count as made with the current one.
var earlierRules = [...]textRule{
	{file: unchanged, command: unchanged, source: unchanged},
	{file: withLF, command: unchanged, source: unchanged},
	{file: withCRLF, command: unchanged, source: unchanged},
	finalNewlineRule: {file: currentRule.file, command: currentRule.command, source: toggleFinalNewline},
}

// finalNewlineRule is the reading of YAML that ends in the middle of a text as if
// its last line break was there, or was not: a file that is cut off by one byte
// replaces nothing.
const finalNewlineRule = 3

func unchanged(text []byte) []byte { return text }

func withCRLF(text []byte) []byte {
	return bytes.ReplaceAll(withLF(text), []byte("\n"), []byte("\r\n"))
}

func withLF(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// fileText is the text of a file by the loader's rule. It notes which earlier
// rules made another text of it.
func (l *fileSet) fileText(file []byte) (string, error) {
	return l.textBy(file, func(r textRule) func([]byte) []byte { return r.file })
}

// commandText is fileText for what a command prints.
func (l *fileSet) commandText(output []byte) (string, error) {
	return l.textBy(output, func(r textRule) func([]byte) []byte { return r.command })
}

func (l *fileSet) textBy(raw []byte, of func(textRule) func([]byte) []byte) (string, error) {
	text, err := singleText(of(l.rule)(raw))
	if err != nil {
		return "", err
	}
	for i, rule := range earlierRules {
		if other, err := singleText(of(rule)(raw)); err == nil && other != text {
			l.differing[i] = true
		}
	}
	return text, nil
}
