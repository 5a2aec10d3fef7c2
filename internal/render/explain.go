package render

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"fleet/internal/specdoc"
)

// Topics writes the names of all topics.
func Topics(w io.Writer, kinds, keys []*specdoc.Topic, s Style) {
	fmt.Fprintln(w, s.Bold("Kinds of resources"))
	writeTopics(w, kinds)
	fmt.Fprintf(w, "\n%s\n", s.Bold("Keys at the top of a spec"))
	writeTopics(w, keys)
	fmt.Fprintf(w, "\n`fleet explain sandbox` lists the attributes of a kind, `fleet explain sandbox.public` explains one.\n")
}

// TopicsJSON writes all topics as JSON.
func TopicsJSON(w io.Writer, kinds, keys []*specdoc.Topic) error {
	return writeJSON(w, struct {
		Version int              `json:"version"`
		Kinds   []*specdoc.Topic `json:"kinds"`
		Keys    []*specdoc.Topic `json:"keys"`
	}{jsonVersion, kinds, keys})
}

// Topic writes a topic of the reference.
func Topic(w io.Writer, t *specdoc.Topic, s Style) {
	fmt.Fprintf(w, "%s\n\n", s.Bold(t.Name))
	fmt.Fprintln(w, wrapText(t.Doc, "  "))
	secret := ""
	if t.Secret {
		secret = "yes; never printed"
	}
	since := ""
	if t.Since != "" {
		since = "server version " + t.Since
	}
	rows := [][2]string{
		{"value", t.Value},
		{"allowed", t.Allowed},
		{"default", serverDefault(t)},
		{"changed", t.Changed},
		{"shown", t.Shown},
		{"secret", secret},
		{"since", since},
		{"example", t.Example},
		{"requires", t.With},
	}
	gap := "\n"
	for _, r := range rows {
		if r[1] == "" {
			continue
		}
		text := strings.ReplaceAll(r[1], "\n", "\n"+strings.Repeat(" ", 2+explainColumn))
		if r[0] != "example" && r[0] != "requires" {
			text = strings.TrimSpace(wrapText(r[1], strings.Repeat(" ", 2+explainColumn)))
		}
		fmt.Fprintf(w, "%s  %-*s%s\n", gap, explainColumn, r[0], text)
		gap = ""
	}
	if len(t.Topics) > 0 {
		fmt.Fprintln(w)
		writeTopics(w, t.Topics)
	}
}

// TopicJSON writes a topic as JSON.
func TopicJSON(w io.Writer, t *specdoc.Topic) error {
	return writeJSON(w, struct {
		Version int `json:"version"`
		*specdoc.Topic
	}{jsonVersion, t})
}

// explainColumn is the width of the column of labels.
const explainColumn = 12

// writeTopics writes topics with the first sentence of their documentation.
func writeTopics(w io.Writer, topics []*specdoc.Topic) {
	width := 0
	for _, t := range topics {
		width = max(width, len(t.BaseName()))
	}
	for _, t := range topics {
		fmt.Fprintf(w, "  %-*s  %s\n", width, t.BaseName(), firstSentence(t.Doc))
	}
}

// sentenceEnd matches the boundary between two sentences.
var sentenceEnd = regexp.MustCompile(`[a-z0-9)]\. [A-Z]`)

// firstSentence returns the first sentence of a text, or its first clause if the
// sentence is long.
func firstSentence(s string) string {
	if i := sentenceEnd.FindStringIndex(s); i != nil {
		s = s[:i[0]+1]
	}
	const long = 72
	if len(s) > long {
		if i := strings.IndexAny(s, ":;"); i > 0 {
			s = s[:i]
		}
	}
	return strings.TrimSuffix(s, ".")
}

func serverDefault(t *specdoc.Topic) string {
	if t.Default == "" {
		return ""
	}
	return t.Default + " (set by the server)"
}

// wrapText returns a text in indented lines of at most 80 columns, unless a word
// is longer.
func wrapText(s, indent string) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(s) {
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > 80:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
