package dotenv

import (
	"strings"
)

// readPython reads a text as python-dotenv does, but without replacing
// references. Line breaks have to be "\n".
func readPython(s string) []binding {
	p := &pythonParser{text: s}
	var list []binding
	lines := lineCounter{text: s}
	for {
		p.skip(isPythonSpace)
		if p.at >= len(s) {
			return list
		}
		b, ok := p.binding()
		switch {
		case !ok:
			p.at = endOfLine(s, p.at)
		case b.name != "":
			b.line, b.lastLine = lines.at(b.line), lines.at(p.at)
			list = append(list, b)
		}
	}
}

// pythonParser is a position in a text. Methods that fail leave it at the end of the
// last valid part; parsing continues at the next line.
type pythonParser struct {
	text string
	at   int
}

func (p *pythonParser) skip(match func(rune) bool) { p.at = skip(p.text, p.at, match) }

func (p *pythonParser) hasNext(c byte) bool { return p.at < len(p.text) && p.text[p.at] == c }

// binding reads one line, or several if the value is quoted. A comment has no
// name. The line of the result is the offset of the name.
func (p *pythonParser) binding() (b binding, ok bool) {
	if after := p.at + len("export"); strings.HasPrefix(p.text[p.at:], "export") {
		if name := skip(p.text, after, isPythonBlank); name > after {
			p.at = name
		}
	}
	b.line = p.at
	if !p.hasNext('#') {
		if b.name, ok = p.name(); !ok {
			return b, false
		}
	}
	p.skip(isPythonBlank)
	if b.noValue = !p.hasNext('='); !b.noValue {
		p.at++
		p.skip(isPythonBlank)
		if b.value, ok = p.value(); !ok {
			return b, false
		}
	}
	return b, p.endOfBinding()
}

// endOfBinding reads the rest of the line after a value, and reports whether it is
// valid.
func (p *pythonParser) endOfBinding() bool {
	end := skip(p.text, p.at, isPythonBlank)
	if end < len(p.text) && p.text[end] == '#' {
		end = endOfLine(p.text, end)
	}
	if end < len(p.text) && p.text[end] != '\n' {
		return false
	}
	p.at = end
	return true
}

func (p *pythonParser) name() (string, bool) {
	if p.hasNext('\'') {
		name, _, closed := strings.Cut(p.text[p.at+1:], "'")
		if !closed || name == "" {
			return "", false
		}
		p.at += len(name) + 2
		return name, true
	}
	start := p.at
	p.skip(func(r rune) bool { return r != '=' && r != '#' && !isPythonSpace(r) })
	return p.text[start:p.at], p.at > start
}

func (p *pythonParser) value() (string, bool) {
	switch {
	case p.hasNext('\''):
		return p.quoted(pythonSingle)
	case p.hasNext('"'):
		return p.quoted(pythonDouble)
	}
	start := p.at
	p.at = endOfLine(p.text, p.at)
	return uncommented(p.text[start:p.at]), true
}

// quoted reads a quoted value. A quote after a backslash closes it only if no
// other one does.
func (p *pythonParser) quoted(escapes *strings.Replacer) (string, bool) {
	quote, end := p.text[p.at], -1
	for at := p.at + 1; ; {
		next := strings.IndexByte(p.text[at:], quote)
		if next < 0 {
			break
		}
		end = at + next
		at = end + 1
		if end == p.at+1 || p.text[end-1] != '\\' {
			break
		}
	}
	if end < 0 {
		return "", false
	}
	value := p.text[p.at+1 : end]
	p.at = end + 1
	return escapes.Replace(value), true
}

var (
	pythonSingle = strings.NewReplacer(`\\`, `\`, `\'`, `'`)
	pythonDouble = strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\"`, `"`, `\a`, "\a", `\b`, "\b", `\f`, "\f", `\n`, "\n", `\r`, "\r", `\t`, "\t", `\v`, "\v")
)

// uncommented returns an unquoted value without its comment, which begins with a
// # after white space.
func uncommented(value string) string {
	for at := 0; at < len(value); at++ {
		if value[at] != '#' {
			continue
		}
		if text := strings.TrimRightFunc(value[:at], isPythonSpace); len(text) < at {
			return text
		}
	}
	return strings.TrimRightFunc(value, isPythonSpace)
}

// isPythonSpace reports whether \s matches r in a str of Python.
func isPythonSpace(r rune) bool {
	if r == 0xfeff {
		return false
	}
	return r >= 0x1c && r <= 0x1f || r == 0x85 || isJSSpace(r)
}

func isPythonBlank(r rune) bool { return r != '\n' && isPythonSpace(r) }
