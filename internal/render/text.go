package render

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"fleet/plan"
)

// Plan writes a plan for a reader: what each step does and why, and a summary.
// Steps that do nothing are only counted, unless they leave something as it is
// that is not as wanted. Equal steps of one group are shown once, unless the
// style says to show all.
func Plan(w io.Writer, p *plan.Plan, s Style) {
	for _, warning := range p.Warnings {
		fmt.Fprintf(w, "%s %s\n", s.paint("Warning:", colours[plan.Update]...), warning)
	}
	steps := shown(p)
	width := 0
	groups := fold(steps, s.Full)
	for _, g := range groups {
		width = max(width, len(g.title))
	}
	for _, g := range groups {
		writeStep(w, g, min(width, 40), s)
	}
	if len(steps) > 0 {
		fmt.Fprintln(w)
	}
	if p.Empty() {
		fmt.Fprintf(w, "%s %s\n", s.good("Nothing to do:"), unchanged(p))
		return
	}
	fmt.Fprintln(w, Summary(p, s))
	Forecast(w, p.Forecast, s)
}

func unchanged(p *plan.Plan) string {
	c := p.Counts()
	switch {
	case c.Unchanged == 0 && c.Kept == 0:
		return fmt.Sprintf("there is nothing of fleet %s to change.", p.Fleet)
	case c.Unchanged == 0:
		return fmt.Sprintf("%s of fleet %s left as %s.", count(c.Kept, "object"), p.Fleet, are(c.Kept))
	case c.Kept > 0:
		return fmt.Sprintf("%s of fleet %s as wanted, %d left as %s.", count(c.Unchanged, "object"), p.Fleet, c.Kept, are(c.Kept))
	}
	return fmt.Sprintf("%s of fleet %s as wanted.", count(c.Unchanged, "object"), p.Fleet)
}

func are(n int) string {
	if n == 1 {
		return "it is"
	}
	return "they are"
}

func shown(p *plan.Plan) []*plan.Step {
	var steps []*plan.Step
	for _, s := range p.Steps {
		if s.Action != plan.NoOp || s.Kept != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// A group is a step, or several that read the same.
type group struct {
	title string
	*plan.Step
	size int
	last int // index of the last of them
}

// fold joins neighbours that differ only in their index.
func fold(steps []*plan.Step, full bool) []group {
	var groups []group
	last := ""
	for _, s := range steps {
		base, index, counted := strings.Cut(s.Address.Key, "[")
		i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		counted = counted && err == nil
		story := tale(base, s)
		if n := len(groups); !full && counted && story == last && i == groups[n-1].last+1 {
			g := &groups[n-1]
			g.size, g.last = g.size+1, i
			g.title = fmt.Sprintf("%s.%s[%d..%d]", s.Address.Kind, base, i-g.size+1, i)
			continue
		}
		last = ""
		if counted {
			last = story
		}
		groups = append(groups, group{title: s.Address.String(), Step: s, size: 1, last: i})
	}
	return groups
}

// tale is all that is shown of a step but its index.
func tale(base string, s *plan.Step) string {
	text := fmt.Sprint(s.Address.Kind, base, s.Action, s.Reason, indexed(s, "[*]"), s.Loses, s.Kept, s.Drift, moves(s))
	if s.Blocked != nil {
		text += fmt.Sprint(*s.Blocked)
	}
	return text
}

// indexed are the changes of a step with another index where they hold its own:
// those of a group that moves differ in nothing else.
func indexed(s *plan.Step, index string) []plan.Change {
	list := slices.Clone(s.Changes)
	own := "[" + s.Address.Index() + "]"
	for i, c := range list {
		have, ok1 := strings.CutSuffix(c.Have, own)
		want, ok2 := strings.CutSuffix(c.Want, own)
		if ok1 && ok2 {
			list[i].Have, list[i].Want = have+index, want+index
		}
	}
	return list
}

func writeStep(w io.Writer, g group, width int, s Style) {
	symbol := string(rune(g.Action))
	line := fmt.Sprintf("  %s %s", s.action(g.Action, symbol), s.bold(g.title))
	if notes := notes(g, s); notes != "" {
		line += strings.Repeat(" ", max(width-len(g.title), 0)) + "  " + notes
	}
	fmt.Fprintln(w, line)
	keys, changes := 0, g.Changes
	if g.size > 1 {
		changes = indexed(g.Step, fmt.Sprintf("[%d..%d]", g.last-g.size+1, g.last))
	}
	for _, c := range changes {
		keys = max(keys, len(c.Attribute))
	}
	for _, c := range changes {
		writeChange(w, c, keys, s)
	}
	if b := g.Blocked; b != nil {
		fmt.Fprintf(w, "      %s %s\n", s.bad("blocked ("+string(b.Kind)+"):"), b.Reason)
		if b.Unblock != "" {
			fmt.Fprintf(w, "      %s\n", b.Unblock)
		}
	}
}

// notes is what stands beside a step's address.
func notes(g group, s Style) string {
	what := g.Action.String()
	switch {
	case g.Action == plan.NoOp && g.size == 1:
		what = "left as it is"
	case g.Action == plan.NoOp:
		what = fmt.Sprintf("%d left as they are", g.size)
	case g.size > 1:
		what = fmt.Sprintf("%s %d", what, g.size)
	}
	parts := []string{s.action(g.Action, what)}
	if g.Reason != "" {
		parts = append(parts, s.faint(g.Reason))
	}
	if g.Kept != "" {
		parts = append(parts, s.faint(g.Kept))
	}
	if s.Drift && g.Drift == plan.Expected && g.Action != plan.NoOp {
		parts = append(parts, s.faint("expected: it goes by itself"))
	}
	if via := moves(g.Step); via != "" {
		parts = append(parts, s.faint(via))
	}
	if g.Loses != "" && g.Blocked == nil {
		parts = append(parts, s.bad("loses "+g.Loses))
	}
	return strings.Join(parts, "; ")
}

// moves tells of stops and starts beside the action.
func moves(s *plan.Step) string {
	var verbs []string
	for _, op := range s.Ops {
		switch op.Verb {
		case plan.DoStart, plan.DoStop, plan.DoPause, plan.DoArchive, plan.DoRecover:
			verbs = append(verbs, string(op.Verb))
		}
	}
	if len(verbs) == 0 {
		return ""
	}
	switch s.Action {
	case plan.Update, plan.Adopt:
		return "with " + strings.Join(verbs, ", then ")
	case plan.Create, plan.Replace:
		return "then " + strings.Join(verbs, ", then ")
	}
	return "" // the action says it
}

func writeChange(w io.Writer, c plan.Change, width int, s Style) {
	rule := c.Rule
	if c.Forces {
		rule += ": forces replacement"
	}
	if rule != "" {
		rule = "  " + s.faint("("+rule+")")
	}
	if strings.Contains(strings.TrimSuffix(c.Have, "\n")+strings.TrimSuffix(c.Want, "\n"), "\n") {
		fmt.Fprintf(w, "      %s%s\n", c.Attribute, rule)
		writeDiff(w, c.Have, c.Want, "        ", s)
		return
	}
	have, want := strings.TrimSuffix(c.Have, "\n"), strings.TrimSuffix(c.Want, "\n")
	fmt.Fprintf(w, "      %-*s  %s -> %s%s\n", width, c.Attribute, have, want, rule)
}

// Summary is a plan in one line.
func Summary(p *plan.Plan, s Style) string {
	c := p.Counts()
	parts := []string{
		s.action(plan.Create, fmt.Sprintf("%d to create", c.Create)),
		s.action(plan.Update, fmt.Sprintf("%d to change", c.Change)),
		s.action(plan.Replace, fmt.Sprintf("%d to replace", c.Replace)),
		s.action(plan.Delete, fmt.Sprintf("%d to destroy", c.Destroy)),
	}
	if c.Adopt > 0 {
		parts = append(parts, s.action(plan.Adopt, fmt.Sprintf("%d to adopt", c.Adopt)))
	}
	text := s.bold("Plan:") + " " + strings.Join(parts, ", ") + fmt.Sprintf("; %d unchanged", c.Unchanged)
	if c.Kept > 0 {
		text += fmt.Sprintf(", %d left as %s", c.Kept, are(c.Kept))
	}
	if c.Blocked > 0 {
		text += ", " + s.bad(fmt.Sprintf("%d blocked", c.Blocked))
	}
	return text + "."
}

// Losses says in words what a plan takes away for good, or is empty.
func Losses(p *plan.Plan) string {
	var lines []string
	for _, g := range fold(losing(p), false) {
		lines = append(lines, fmt.Sprintf("  %s: %s", g.title, g.Loses))
	}
	const most = 20
	if n := len(lines); n > most {
		lines = append(lines[:most], fmt.Sprintf("  and %d more", n-most))
	}
	if len(lines) == 0 {
		return ""
	}
	return "This loses for good:\n" + strings.Join(lines, "\n") + "\n"
}

func losing(p *plan.Plan) []*plan.Step {
	var steps []*plan.Step
	for _, s := range p.Steps {
		if s.Loses != "" && s.Blocked == nil {
			steps = append(steps, s)
		}
	}
	return steps
}
