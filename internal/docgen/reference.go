package main

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/specdoc"
	"fleet/spec"
)

const pageHeader = `# Reference of the spec language

<!-- Written by internal/docgen from the attribute tables: run go generate ./... -->

All keys that a spec can have. What they are for, and how they work together, is told in [language.md](language.md);
` + "`fleet explain sandbox.public`" + ` shows the same at the terminal, and [editors.md](editors.md) how to have it in an editor.

A key that is absent is not managed: it is neither sent nor compared. The address of a resource is its kind and key, such
as ` + "`sandbox.web`" + `, or ` + "`sandbox.worker[3]`" + ` for one of a count.

## The top of a spec
`

const attributesHeader = `
The third column tells how a difference is put right. In the examples, what stands after *beside* is needed beside them.
`

// reference is the page docs/spec.md.
func reference() ([]byte, error) {
	var p page
	p.WriteString(pageHeader)
	kinds, keys := specdoc.Reference()
	p.table(false, keys)
	for _, k := range keys {
		p.nestedTables("### ", k, false)
	}
	for _, kind := range kinds {
		attributes := kind.Topics[0].Changed != ""
		fmt.Fprintf(&p, "\n## %s\n\n%s\n", spec.Kind(kind.Name).Section(), wrap(kind.Doc))
		if kind == kinds[0] {
			p.WriteString(attributesHeader)
		}
		p.table(attributes, flattenTopics(kind.Topics))
		for _, t := range kind.Topics {
			p.nestedTables("### ", t, false)
		}
	}
	return p.Bytes(), p.err
}

// A page is a document under way.
type page struct {
	bytes.Buffer
	err error
}

// flattenTopics are the topics with those that are nested in them.
func flattenTopics(topics []*specdoc.Topic) []*specdoc.Topic {
	var list []*specdoc.Topic
	for _, t := range topics {
		if t.Value == "mapping" && t.Example == "" {
			list = append(list, t.Topics...)
		} else {
			list = append(list, t)
		}
	}
	return list
}

// nestedTables writes a table of the keys below a topic that have a form of their
// own.
func (p *page) nestedTables(level string, t *specdoc.Topic, attributes bool) {
	if len(t.Topics) == 0 || t.Topics[0].Changed != "" || t.Topics[0].Value == "mapping" {
		return
	}
	fmt.Fprintf(p, "\n%s%s\n", level, t.Name)
	p.table(attributes, t.Topics)
	for _, below := range t.Topics {
		p.nestedTables(level+"#", below, attributes)
	}
}

// table writes a table of topics.
func (p *page) table(attributes bool, topics []*specdoc.Topic) {
	columns := []string{"key", "value", "changed", "meaning", "example"}
	if !attributes {
		columns = []string{"key", "value", "meaning", "example"}
	}
	fmt.Fprintf(p, "\n| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, t := range topics {
		_, key, _ := strings.Cut(t.Name, ".")
		if !attributes {
			key = t.BaseName()
		}
		cells := []string{code(key), value(t), t.Changed, meaning(t), p.example(t)}
		if !attributes {
			cells = append(cells[:2], cells[3:]...)
		}
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "|", "\\|")
		}
		fmt.Fprintf(p, "| %s |\n", strings.Join(cells, " | "))
	}
}

func code(s string) string { return "`" + s + "`" }

func value(t *specdoc.Topic) string {
	if t.Allowed == "" {
		return t.Value
	}
	return t.Value + ": " + t.Allowed
}

// meaning is what the topic is for, with what a reader should know beside.
func meaning(t *specdoc.Topic) string {
	s := t.Doc
	if t.Default != "" {
		s += " The server's default is " + t.Default + "."
	}
	if t.Secret {
		s += " It is never printed."
	}
	if t.Since != "" {
		s += " Servers from " + t.Since + " on."
	}
	return s
}

// example is the topic's example on one line.
func (p *page) example(t *specdoc.Topic) string {
	s := p.flow(t.Example)
	if s != "" && t.With != "" {
		s += " *beside* " + p.flow(t.With)
	}
	return s
}

// flow is YAML on one line.
func (p *page) flow(text string) string {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil || len(n.Content) == 0 {
		p.err = err
		return ""
	}
	for _, v := range n.Content[0].Content {
		v.Style |= yaml.FlowStyle
		if strings.Contains(v.Value, "\n") {
			v.Style = yaml.DoubleQuotedStyle
		}
	}
	out, err := yaml.Marshal(n.Content[0])
	if err != nil {
		p.err = err
	}
	return code(strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", ", "))
}

// wrap breaks a text into lines of 120 characters.
func wrap(s string) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(s) {
		switch {
		case column == 0:
		case column+1+len(word) > 120:
			b.WriteString("\n")
			column = -1
		default:
			b.WriteString(" ")
		}
		b.WriteString(word)
		column += 1 + len(word)
	}
	return b.String()
}
