package spec

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"fleet/internal/redact"
)

// redactLine hides secrets in the excerpt, wherever they stand in it.
func (m *Diagnostic) redactLine(secrets *redact.Redactor) {
	line := []rune(m.Line)
	if shown := secrets.Text(m.Line); shown != m.Line {
		before := secrets.Text(string(line[:min(max(m.markColumn-1, 0), len(line))]))
		m.Line, m.markColumn = shown, 1+len([]rune(before))
	}
}

// hidden replaces secret values in output.
const hidden = redact.Placeholder

// Redact hides the resource's secret values, and all sensitive values of the fleet, in a
// text of the server, which may repeat what it was sent.
func (r *Resource) Redact(text string) string {
	return r.redactor.get(func() []string { return append(r.secrets(), r.fleetSecrets...) }).Text(text)
}

// Redact hides the secret values of all resources in a text.
func (f *Fleet) Redact(text string) string {
	return f.redactor.get(func() []string {
		all := slices.Clone(f.secrets)
		for _, r := range f.Resources {
			all = append(all, r.secrets()...)
		}
		return all
	}).Text(text)
}

// A lazyRedactor is a redactor that is made when it is first needed, since many
// texts are searched for the same values. A nil lazyRedactor makes a new one for
// each text. Its methods may be called concurrently.
type lazyRedactor struct {
	mu       sync.Mutex
	redactor *redact.Redactor
}

// get returns the redactor of the listed values.
func (l *lazyRedactor) get(values func() []string) *redact.Redactor {
	if l == nil {
		return redact.New(values())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.redactor == nil {
		l.redactor = redact.New(values())
	}
	return l.redactor
}

// reset forgets the redactor, after a change of the values.
func (l *lazyRedactor) reset() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.redactor = nil
}

// secrets returns the secret values of the resource's own attributes.
func (r *Resource) secrets() []string {
	var list []string
	for _, a := range Tables[r.Kind] {
		if v, ok := r.attrs[a]; ok && (a.Secret || r.sensitive[a]) {
			list = append(list, secretTexts(v)...)
		}
	}
	return list
}

// secretTexts returns the texts of a secret value. For a URL they include the password.
func secretTexts(v any) []string {
	switch v := v.(type) {
	case string:
		secrets := []string{v}
		if u, err := url.Parse(v); err == nil && u.User != nil {
			if password, ok := u.User.Password(); ok {
				secrets = append(secrets, password)
			}
		}
		return secrets
	case map[string]string:
		var secrets []string
		for _, s := range v {
			secrets = append(secrets, s)
		}
		return secrets
	}
	return nil
}

// A hiddenText is a secret value where it stands in a spec file.
type hiddenText struct {
	text   string
	column int // from 1
}

// hide keeps the texts below a node out of all excerpts: they are secret, or
// stand under a key that is not known and may be a misspelt one of those.
func (d *decoder) hide(n *yaml.Node) { d.hideBelow(n, 0) }

// hideBelow goes through a value. Aliases lead back up, and need not be
// followed: what they name is hidden where it stands.
func (d *decoder) hideBelow(n *yaml.Node, depth int) {
	const deepest = 100 // deeper values of attributes are mistakes by themselves
	switch {
	case n.Kind == yaml.ScalarNode && n.Value != "":
		d.hideScalar(n)
	case isValueFrom(n): // which says where the secret is, and not the secret
		return
	}
	for i, child := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; !isKey && depth < deepest {
			d.hideBelow(child, depth+1)
		}
	}
}

// hideScalar hides a value on its line; one of several lines on as many lines
// as it may take up in the file.
func (d *decoder) hideScalar(n *yaml.Node) {
	if d.hidden == nil {
		d.hidden = map[int][]hiddenText{}
	}
	d.hidden[n.Line] = append(d.hidden[n.Line], hiddenText{n.Value, n.Column})
	if n.Line >= len(d.lines) || n.Style == 0 && !strings.ContainsAny(n.Value, " \n") {
		return
	}
	indent := indentation(d.lines[n.Line-1])
	for line := n.Line + 1; line <= len(d.lines) && indentation(d.lines[line-1]) > indent; line++ {
		if strings.Contains(n.Value, firstWord(d.lines[line-1])) {
			d.hidden[line] = append(d.hidden[line], hiddenText{"", 1})
		}
	}
}

// indentation counts the blanks before a line's text.
func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func firstWord(line string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return word
}

// mask hides the secret texts in the excerpt of a mistake, and moves the mark
// with what is before it. A text that is written in another way than it reads
// takes the rest of the line with it.
func (d *decoder) mask(m *Diagnostic) {
	if m.Line == "" {
		return
	}
	secrets := slices.Clone(d.hidden[m.Pos.Line])
	slices.SortStableFunc(secrets, func(a, b hiddenText) int { return b.column - a.column }) // what is behind stays in its place
	for _, h := range secrets {
		line := []rune(m.Line)
		before := min(max(h.column-1, 0), len(line))
		i := -1
		if h.text != "" {
			i = strings.Index(string(line[before:]), h.text)
		}
		if i < 0 {
			m.Line = string(line[:before]) + hidden
			continue
		}
		before += len([]rune(string(line[before:])[:i]))
		length := len([]rune(h.text))
		m.Line = string(line[:before]) + hidden + string(line[before+length:])
		if before+1 < m.markColumn {
			m.markColumn = max(m.markColumn+len(hidden)-length, before+1)
		}
	}
}
