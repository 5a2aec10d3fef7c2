package render

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/plan"
	"fleet/spec"
)

// mostAnnotations is how many annotations of a level GitHub shows for a step
// of a workflow.
const mostAnnotations = 10

var githubLevels = map[level]string{notice: "notice", warning: "warning", failure: "error"}

// PlanGitHub writes a plan as annotations of a workflow, each at the place
// where the spec declares the resource. Steps that read the same have one.
func PlanGitHub(w io.Writer, p *plan.Plan, s Style) error {
	var list []note
	for _, f := range folds(shown(p), false) {
		if at := levelOf(f.Step, s); at != quiet {
			list = append(list, note{at, origin(f.Step), f.title, f.sentence(Style{Drift: s.Drift})})
		}
	}
	return annotate(w, list)
}

// ReportGitHub writes what was not done of a plan as annotations of a workflow.
func ReportGitHub(w io.Writer, r *apply.Report) error {
	var list []note
	for _, x := range r.Results {
		at := failure
		switch x.Outcome {
		case apply.Done:
			continue
		case apply.Skipped, apply.Interrupted:
			at = warning
		}
		list = append(list, note{at, origin(x.Step), x.Step.Address.String(), string(x.Outcome) + ": " + reasonOf(x.Outcome, x.Err)})
	}
	return annotate(w, list)
}

// A note is an annotation.
type note struct {
	level       level
	pos         spec.Position
	title, text string
}

// annotate writes as many annotations of each level as GitHub shows.
func annotate(w io.Writer, list []note) error {
	out := bufio.NewWriter(w)
	for _, at := range []level{failure, warning, notice} {
		told, left := 0, 0
		for _, n := range list {
			switch {
			case n.level != at:
			case told == mostAnnotations-1 && more(list, at):
				left++
			default:
				told++
				fmt.Fprintln(out, n.command())
			}
		}
		if left > 0 {
			fmt.Fprintln(out, note{level: at, title: "fleet", text: fmt.Sprintf("and %d more; the summary of the job has them", left)}.command())
		}
	}
	return out.Flush()
}

// more reports whether there are more notes of a level than are shown.
func more(list []note, at level) bool {
	n := 0
	for _, x := range list {
		if x.level == at {
			n++
		}
	}
	return n > mostAnnotations
}

// command is the note as a workflow command.
func (n note) command() string {
	var properties []string
	if n.pos.File != "" {
		properties = append(properties, "file="+escapeProperty(filepath.ToSlash(n.pos.File)))
	}
	if n.pos.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d,col=%d", n.pos.Line, n.pos.Column))
	}
	properties = append(properties, "title="+escapeProperty(foreign.Logged(n.title)))
	return fmt.Sprintf("::%s %s::%s", githubLevels[n.level], strings.Join(properties, ","), escapeData(foreign.Logged(n.text)))
}
