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

This page lists all keys of a spec. [language.md](language.md) describes how they work together. ` + "`fleet explain sandbox.public`" + `
shows the same text at the terminal, and [editors.md](editors.md) describes how to see it in an editor.

A key that is absent is not managed: fleet does not send or compare it. The address of a resource is its kind and key, such
as ` + "`sandbox.web`" + `, or ` + "`sandbox.worker[3]`" + ` for a copy of a group.

## The top of a spec
`

const attributesHeader = `
The third column states how fleet applies a change of the attribute. An example with *and* needs the setting after it, too.
`

// reference returns the page docs/spec.md.
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

// page is a document that is being written.
type page struct {
	bytes.Buffer
	err error // the first error of an example
}

// flattenTopics returns the topics, with the nested topics of a mapping in its place.
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

// nestedTables writes the keys below a topic, one table for each level.
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

// table writes a table of topics. The table of attributes has a column on how a
// change is applied.
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

// code returns s as Markdown code.
func code(s string) string { return "`" + s + "`" }

// value returns the type of a topic's value, with the allowed values if it has any.
func value(t *specdoc.Topic) string {
	if t.Allowed == "" {
		return t.Value
	}
	return t.Value + ": " + t.Allowed
}

// meaning returns the documentation of a topic, with its default, secrecy and the
// server version that it needs.
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

// example returns the topic's example on one line.
func (p *page) example(t *specdoc.Topic) string {
	s := p.flow(t.Example)
	if s != "" && t.With != "" {
		s += " *and* " + p.flow(t.With)
	}
	return s
}

// flow returns YAML on one line.
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

// wrap breaks a text into lines of at most 120 characters.
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
