package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"fleet/internal/render/steps"
	"fleet/plan"
	"fleet/spec"
)

// A graph has the dependencies of a plan. Steps with the same action whose addresses
// fold to the same one are a node.
type graph struct {
	nodes []*node
	edges [][2]int // indices of nodes: the first comes before the second
	note  string   // about the graph; empty for none
}

// A node is a resource, or members of a group, with an action.
type node struct {
	address  spec.Address // that stands for those of the steps; without a key, they are all of a kind
	steps    []*plan.Step
	action   plan.Action
	blocked  bool
	retained bool // differs from the spec, and is not changed
}

// A folding returns the address that stands for the address of a step in a graph.
type folding func(*plan.Step) spec.Address

func noFolding(s *plan.Step) spec.Address   { return s.Address }
func foldByGroup(s *plan.Step) spec.Address { return s.Address.GroupAddress() }
func foldByKind(s *plan.Step) spec.Address  { return spec.Address{Kind: s.Address.Kind} }
func foldUnchanged(s *plan.Step) spec.Address {
	if s.Action == plan.NoOp && s.Blocked == nil {
		return foldByKind(s)
	}
	return foldByGroup(s)
}

// foldingOf returns the folding of a style.
func foldingOf(s Style) folding {
	if s.Full {
		return noFolding
	}
	return foldByGroup
}

// newGraph returns the graph of a plan: all declared resources, and those to be
// deleted.
func newGraph(p *plan.Plan, fold folding) *graph {
	type nodeKey struct {
		address spec.Address
		action  plan.Action
		blocked bool
		kept    bool
	}
	g := &graph{}
	index := map[nodeKey]int{}
	place := map[spec.Address]int{}
	for _, s := range p.Steps {
		key := nodeKey{fold(s), s.Action, s.Blocked != nil, s.Action == plan.NoOp && s.RetainedReason != ""}
		i, known := index[key]
		if !known {
			i = len(g.nodes)
			index[key] = i
			g.nodes = append(g.nodes, &node{address: key.address, action: key.action, blocked: key.blocked, retained: key.kept})
		}
		g.nodes[i].steps = append(g.nodes[i].steps, s)
		place[s.Address] = i
	}
	g.connect(p, place)
	return g
}

// connect adds the edges: what a step waits for, and what its resource needs.
func (g *graph) connect(p *plan.Plan, place map[spec.Address]int) {
	seen := map[[2]int]bool{}
	link := func(before spec.Address, s *plan.Step) {
		i, known := place[before]
		e := [2]int{i, place[s.Address]}
		if !known || e[0] == e[1] || seen[e] {
			return
		}
		seen[e] = true
		g.edges = append(g.edges, e)
	}
	for _, s := range p.Steps {
		for _, a := range s.After {
			link(a, s)
		}
		if s.Want != nil && s.Action != plan.Delete {
			for _, a := range s.Want.DependsOn {
				link(a, s)
			}
		}
	}
}

// label returns the label of a node: its address and its action.
func (n *node) label() (address, what string) {
	what = n.action.String()
	if n.action == plan.NoOp {
		what = "unchanged"
	}
	if len(n.steps) > 1 && n.address.Key != "" {
		what = fmt.Sprintf("%s %d", what, len(n.steps))
	}
	if n.retained {
		what = "retained"
	}
	if n.blocked {
		what = "blocked: " + what
	}
	if kind := n.address.Kind; n.address.Key == "" {
		return plan.Plural(len(n.steps), string(kind), kind.Section()), what
	}
	return steps.AddressRange(n.steps, steps.TitleWidth), what
}

// class returns the name of a node's colour.
func (n *node) class() string {
	switch category := n.action.Category(); {
	case n.blocked:
		return "blocked"
	case category == plan.NoOp:
		return "unchanged"
	case category == plan.Update, category == plan.Wait:
		return "change"
	default:
		return category.String()
	}
}

// A fillColour is the colour of a class of nodes, light enough for black text.
type fillColour struct{ class, fill, line string }

var fillColours = []fillColour{
	{"create", "#c8e6c9", "#2e7d32"},
	{"adopt", "#b2ebf2", "#00838f"},
	{"change", "#fff3c4", "#b28704"},
	{"replace", "#e1bee7", "#7b1fa2"},
	{"delete", "#ffcdd2", "#c62828"},
	{"blocked", "#ffffff", "#c62828"},
	{"unchanged", "#eeeeee", "#9e9e9e"},
}

// PlanDOT writes the dependencies of a plan in the language of Graphviz.
// Arrows go from what comes first.
func PlanDOT(w io.Writer, p *plan.Plan, s Style) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "digraph %s {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontcolor=\"#000000\"];\n  edge [color=\"#757575\"];\n", quoteDOT(p.Fleet))
	g := newGraph(p, foldingOf(s))
	fills := map[string]fillColour{}
	for _, c := range fillColours {
		fills[c.class] = c
	}
	for i, n := range g.nodes {
		address, what := n.label()
		c := fills[n.class()]
		fmt.Fprintf(out, "  n%d [label=%s, fillcolor=\"%s\", color=\"%s\"];\n", i, quoteDOT(address+"\n"+what), c.fill, c.line)
	}
	for _, e := range g.edges {
		fmt.Fprintf(out, "  n%d -> n%d;\n", e[0], e[1])
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

// quoteDOT is a text for Graphviz.
func quoteDOT(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
