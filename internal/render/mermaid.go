package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"fleet/plan"
)

// The limits of Mermaid: GitHub and GitLab draw no larger diagram.
const (
	mermaidEdges      = 500    // refused from this number on
	mermaidCharacters = 50_000 // refused from this number on
)

// mermaidFoldings are the foldings that are tried until a graph can be drawn.
var mermaidFoldings = []folding{foldByGroup, foldUnchanged, foldByKind}

// PlanMermaid writes the same for Mermaid, which GitHub and GitLab draw in
// Markdown. A graph that is too large for them is folded, with a note.
func PlanMermaid(w io.Writer, p *plan.Plan, s Style) error {
	g := newGraph(p, foldingOf(s))
	text, ok := g.drawable()
	for _, fold := range mermaidFoldings {
		if ok {
			break
		}
		g = newGraph(p, fold)
		g.note = "folded: the whole graph is too large for Mermaid; -o dot has it"
		text, ok = g.drawable()
	}
	if !ok { // few nodes, but most pairs of them are connected
		g.note += "; " + plan.Plural(len(g.edges)-mermaidEdges+1, "arrow is", "arrows are") + " left out"
		g.edges = g.edges[:mermaidEdges-1]
		text = g.mermaid()
	}
	_, err := w.Write(text)
	return err
}

// drawable returns the graph in the language of Mermaid, and reports whether it is
// within the limits.
func (g *graph) drawable() (text []byte, ok bool) {
	text = g.mermaid()
	return text, len(g.edges) < mermaidEdges && utf8.RuneCount(text) < mermaidCharacters
}

// mermaid returns the graph in the language of Mermaid.
func (g *graph) mermaid() []byte {
	var out bytes.Buffer
	fmt.Fprintln(&out, "flowchart LR")
	for i, n := range g.nodes {
		address, what := n.label()
		fmt.Fprintf(&out, "  n%d[\"%s<br/>%s\"]:::%s\n", i, escapeMermaid(address), escapeMermaid(what), n.class())
	}
	if g.note != "" {
		fmt.Fprintf(&out, "  note[\"%s\"]\n", escapeMermaid(g.note))
	}
	for _, e := range g.edges {
		fmt.Fprintf(&out, "  n%d --> n%d\n", e[0], e[1])
	}
	for _, c := range fillColours {
		fmt.Fprintf(&out, "  classDef %s fill:%s,stroke:%s,color:#000000\n", c.class, c.fill, c.line)
	}
	return out.Bytes()
}

// escapeMermaid is a text within a label: what Mermaid or HTML would read is
// written by its number.
func escapeMermaid(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\"#&<>`;\\|{}", r) || r == '\n' {
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
