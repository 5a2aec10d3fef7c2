package spec

import (
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

// hidden stands for a secret value in what is printed.
const hidden = "(hidden)"

// shortestSecret is the length from which a value is looked for in text that
// came from elsewhere. Shorter ones are in every text.
const shortestSecret = 4

// Redact hides the resource's secret values in a text that somebody else
// wrote: servers repeat what they were sent.
func (r *Resource) Redact(text string) string {
	for _, a := range Tables[r.Kind] {
		if v, ok := r.Attrs[a]; ok && a.Secret {
			text = redact(text, secretsIn(v))
		}
	}
	return text
}

// Redact hides the secret values of all resources in a text.
func (f *Fleet) Redact(text string) string {
	for _, r := range f.Resources {
		text = r.Redact(text)
	}
	return text
}

// secretsIn lists the texts of a secret value; of a URL also the password.
func secretsIn(v any) []string {
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

func redact(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) >= shortestSecret {
			text = strings.ReplaceAll(text, s, hidden)
		}
	}
	return text
}

// A hiddenText is a line of a secret value in a spec file.
type hiddenText struct {
	text string
	line int
}

// hide keeps the texts below a node out of all mistakes: they are secret, or
// stand under a key that is not known and may be a misspelt one of those.
func (d *decoder) hide(n *yaml.Node) {
	d.hideBelow(n, 0)
}

// hideBelow goes through a value. Aliases lead back up, and need not be
// followed: what they name is hidden where it stands.
func (d *decoder) hideBelow(n *yaml.Node, depth int) {
	const deepest = 100 // deeper values of attributes are mistakes by themselves
	if n.Kind == yaml.ScalarNode {
		for i, line := range strings.Split(n.Value, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				d.hidden = append(d.hidden, hiddenText{line, n.Line + i})
			}
		}
		for _, s := range secretsIn(n.Value) {
			d.hidden = append(d.hidden, hiddenText{s, n.Line})
		}
	}
	for i, child := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; !isKey && depth < deepest {
			d.hideBelow(child, depth+1)
		}
	}
}

// mask hides the secret texts in a mistake of the file. Those that are too
// short to be told from others are hidden on their own line only.
func (d *decoder) mask(m *Mistake) {
	for _, h := range d.hidden {
		if h.text == "" || len(h.text) < shortestSecret && h.line != m.Pos.Line {
			continue
		}
		m.Line = strings.ReplaceAll(m.Line, h.text, hidden)
		if len(h.text) >= shortestSecret {
			m.Message = strings.ReplaceAll(m.Message, h.text, hidden)
			m.Hint = strings.ReplaceAll(m.Hint, h.text, hidden)
		}
	}
}
