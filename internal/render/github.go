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

// maxAnnotations is how many annotations of a level GitHub shows for a step
// of a workflow.
const maxAnnotations = 10

var githubLevels = map[level]string{levelNotice: "notice", levelWarning: "warning", levelError: "error"}

// PlanGitHub writes a plan as annotations of a workflow, each at the place
// where the spec declares the resource. Steps that read the same have one.
func PlanGitHub(w io.Writer, p *plan.Plan, s Style) error {
	var list []githubAnnotation
	for _, f := range planEntries(shownSteps(p), false) {
		if at := levelOf(f.Step, s); at != levelNone {
			list = append(list, githubAnnotation{at, stepPosition(f.Step), f.title, f.summaryLine(Style{Drift: s.Drift})})
		}
	}
	return writeAnnotations(w, list)
}

// ReportGitHub writes what was not done of a plan as annotations of a workflow.
func ReportGitHub(w io.Writer, r *apply.Report) error {
	var list []githubAnnotation
	for _, x := range r.Results {
		at := levelError
		switch x.Outcome {
		case apply.Done:
			continue
		case apply.Skipped, apply.Interrupted:
			at = levelWarning
		}
		list = append(list, githubAnnotation{at, stepPosition(x.Step), x.Step.Address.String(), string(x.Outcome) + ": " + outcomeReason(x.Outcome, x.Err)})
	}
	return writeAnnotations(w, list)
}

// A note is an annotation.
type githubAnnotation struct {
	level       level
	pos         spec.Position
	title, text string
}

// writeAnnotations writes as many annotations of each level as GitHub shows.
func writeAnnotations(w io.Writer, list []githubAnnotation) error {
	out := bufio.NewWriter(w)
	for _, at := range []level{levelError, levelWarning, levelNotice} {
		listed, omitted := 0, 0
		for _, n := range list {
			switch {
			case n.level != at:
			case listed == maxAnnotations-1 && exceedsLimit(list, at):
				omitted++
			default:
				listed++
				fmt.Fprintln(out, n.workflowCommand())
			}
		}
		if omitted > 0 {
			fmt.Fprintln(out, githubAnnotation{level: at, title: "fleet", text: fmt.Sprintf("and %d more; the summary of the job has them", omitted)}.workflowCommand())
		}
	}
	return out.Flush()
}

// exceedsLimit reports whether there are more notes of a level than are shown.
func exceedsLimit(list []githubAnnotation, at level) bool {
	n := 0
	for _, x := range list {
		if x.level == at {
			n++
		}
	}
	return n > maxAnnotations
}

// workflowCommand is the note as a workflow command.
func (n githubAnnotation) workflowCommand() string {
	var properties []string
	if n.pos.File != "" {
		properties = append(properties, "file="+escapeProperty(filepath.ToSlash(n.pos.File)))
	}
	if n.pos.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d,col=%d", n.pos.Line, n.pos.Column))
	}
	properties = append(properties, "title="+escapeProperty(foreign.EscapeLog(n.title)))
	return fmt.Sprintf("::%s %s::%s", githubLevels[n.level], strings.Join(properties, ","), escapeData(foreign.EscapeLog(n.text)))
}
