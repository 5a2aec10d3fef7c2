package session

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/internal/redact"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// A Result is what a pass found and did. Its texts are escaped, and without sensitive
// values.
type Result struct {
	Digest    string // of the plan; empty if nothing is to be done
	Summary   string // the plan in one line
	Text      string // the whole plan; empty if nothing is to be done
	Changes   int    // steps that the plan needed
	Runs      bool   // a part of the plan is applied in this pass
	Waiting   []Waiting
	Needs     string    // what only an approval decides about; empty for nothing
	Failures  []Failure // steps that failed in this pass
	Done      int       // steps that were done in this pass
	BacksOff  bool      // a step waits after a failure
	NotStored string    // why what the next operator has to know was not stored; empty if it was
	Stopped   bool      // the pass ended before all its steps did
	Next      time.Time // when more can be done; zero if no time is known
	Objects   []Count
	Wanted    int // sandboxes that the spec declares
	AsWanted  int // of them, those that match the spec
	At        time.Time
}

// A Waiting is a reason for which steps wait, and the first of them.
type Waiting struct {
	Kind    plan.BlockKind
	Address string
	Reason  string
	Unblock string
	Count   int // steps with the kind
}

// A Failure is a step that failed.
type Failure struct {
	Address string
	Action  string
	Text    string
}

// A Count is a number of objects of one kind in one state.
type Count struct {
	Kind, State string
	Count       int
}

// Left returns the number of steps that are still to be done.
func (r *Result) Left() int { return r.Changes - r.Done }

// InSync reports whether everything is as the spec wants it.
func (r *Result) InSync() bool {
	return !r.Stopped && len(r.Failures) == 0 && len(r.Waiting) == 0 && r.Left() == 0
}

// describe sets what a plan wants.
func (r *Result) describe(p *plan.Plan, secrets *redact.Redactor) {
	r.Changes, r.Summary = p.ChangeCount(), shown(render.Summary(p), secrets)
	if r.Changes == 0 {
		return
	}
	var b strings.Builder
	render.Plan(&b, render.RedactedPlan(p, secrets), render.Style{})
	r.Text = foreignLines(secrets.Text(b.String()))
}

// shown returns a text in one line, without sensitive values and escaped. A sensitive value is
// only found before its characters are escaped.
func shown(text string, secrets *redact.Redactor) string { return foreign.Escape(secrets.Text(text)) }

// foreignLines escapes the lines of a text.
func foreignLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = foreign.Escape(line)
	}
	return strings.Join(lines, "\n")
}

// wait sets what is left undone, by kind of block.
func (r *Result) wait(p *plan.Plan, secrets *redact.Redactor) {
	for _, s := range p.Blocked() {
		at := slices.IndexFunc(r.Waiting, func(w Waiting) bool { return w.Kind == s.Blocked.Kind })
		if at >= 0 {
			r.Waiting[at].Count++
			continue
		}
		r.BacksOff = r.BacksOff || s.Blocked.Kind == plan.BackOff
		text := func(t string) string { return shown(t, secrets) }
		r.Waiting = append(r.Waiting, Waiting{s.Blocked.Kind, text(s.Address.String()), text(s.Blocked.Reason), text(s.Blocked.Unblock), 1})
	}
}

// record sets how a run ended.
func (r *Result) record(report *apply.Report, secrets *redact.Redactor) {
	for _, x := range report.Results {
		switch x.Outcome {
		case apply.Done:
			r.Done++
		case apply.Failed:
			r.Failures = append(r.Failures, Failure{
				shown(x.Step.Address.String(), secrets), x.Step.Action.String(), shown(fmt.Sprint(x.Err), secrets),
			})
		default:
			r.Stopped = true
		}
	}
}

// count counts what exists after a pass.
func (r *Result) count(p *plan.Plan, report *apply.Report) {
	results := map[*plan.Step]apply.Result{}
	if report != nil {
		for _, x := range report.Results {
			results[x.Step] = x
		}
	}
	counts := map[Count]int{}
	for _, s := range p.Steps {
		x, ran := results[s]
		if s.Address.Kind == spec.SandboxKind && s.Want != nil {
			r.Wanted++
			if s.Action == plan.NoOp && s.RetainedReason == "" || ran && x.Outcome == apply.Done {
				r.AsWanted++
			}
		}
		if state := stateAfter(s, x, ran); state != "" {
			counts[Count{Kind: string(s.Address.Kind), State: foreign.Escape(state)}]++
		}
	}
	for c, n := range counts {
		c.Count = n
		r.Objects = append(r.Objects, c)
	}
	slices.SortFunc(r.Objects, func(a, b Count) int {
		return strings.Compare(a.Kind+"\x00"+a.State, b.Kind+"\x00"+b.State)
	})
}

// stateAfter returns the state of the object of a step; empty if it does not exist, or has
// none.
func stateAfter(s *plan.Step, x apply.Result, ran bool) string {
	switch {
	case ran && x.Outcome == apply.Done && s.Want == nil:
		return ""
	case ran && x.State != "" && x.State != "gone":
		return x.State
	case s.Have != nil:
		return s.Have.State
	}
	return ""
}
