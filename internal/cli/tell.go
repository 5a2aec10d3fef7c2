package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"fleet/apply"
	"fleet/internal/render"
	"fleet/plan"
)

// A form writes what there is to tell in one format.
type form func(io.Writer) error

// tellPlan tells of a plan in every form that was asked for but text for
// standard output, which is shown as it comes.
func (p *pass) tellPlan(pl *plan.Plan) error {
	return p.tellIn(p.planForms(p.presentable(pl)))
}

// tellReport does the same of a run.
func (p *pass) tellReport(pl *plan.Plan, r *apply.Report) error {
	if r.Began.IsZero() { // nothing was begun
		r.Began = p.record.began
	}
	forms := p.reportForms(p.presentable(pl), p.presentableReport(r))
	p.record.form = forms["json"]
	if p.streamed {
		if err := p.endEvents(r); err != nil {
			return err
		}
	}
	err := p.tellIn(forms)
	p.streamed = false
	return err
}

// tellRefused does the same of a plan that is not carried out. Those who read
// see the plan, programs that nothing was done.
func (p *pass) tellRefused(pl *plan.Plan, r *apply.Report) error {
	r.Began = p.record.began
	pl = p.presentable(pl)
	forms, plans := p.reportForms(pl, p.presentableReport(r)), p.planForms(pl)
	p.record.form = forms["json"]
	for _, name := range []string{"text", "markdown", "github"} {
		forms[name] = plans[name]
	}
	return p.tellIn(forms)
}

func (p *pass) planForms(pl *plan.Plan) map[string]form {
	style := render.Style{Full: p.full, Drift: p.drift, Strict: p.strict}
	return map[string]form{
		"text":     func(w io.Writer) error { render.Plan(w, pl, style); return nil },
		"json":     func(w io.Writer) error { return render.PlanJSON(w, pl) },
		"markdown": func(w io.Writer) error { return render.PlanMarkdown(w, pl, style) },
		"junit":    func(w io.Writer) error { return render.PlanJUnit(w, pl, style) },
		"sarif": func(w io.Writer) error {
			file := ""
			if len(p.opened) > 0 {
				file = p.opened[0]
			}
			return render.PlanSARIF(w, pl, file, Version(), style)
		},
		"github":  func(w io.Writer) error { return render.PlanGitHub(w, pl, style) },
		"dot":     func(w io.Writer) error { return render.PlanDOT(w, pl, style) },
		"mermaid": func(w io.Writer) error { return render.PlanMermaid(w, pl, style) },
	}
}

func (p *pass) reportForms(pl *plan.Plan, r *apply.Report) map[string]form {
	return map[string]form{
		"text": func(w io.Writer) error {
			render.Plan(w, pl, render.Style{Full: p.full})
			if len(r.Results) > 0 {
				render.WriteHeading(w, pl, render.Style{})
				render.Report(w, r, render.Style{})
			}
			return nil
		},
		"json":     func(w io.Writer) error { return render.ReportJSON(w, pl, r) },
		"ndjson":   func(w io.Writer) error { return render.NewEvents(w, pl.Fleet).Refused(pl, r) },
		"markdown": func(w io.Writer) error { return render.ReportMarkdown(w, pl, r) },
		"junit":    func(w io.Writer) error { return render.ReportJUnit(w, pl, r) },
		"github":   func(w io.Writer) error { return render.ReportGitHub(w, r) },
	}
}

// tellIn writes the forms that were asked for. In a workflow of GitHub there
// are annotations and a summary in any case.
func (p *pass) tellIn(forms map[string]form) error {
	var failed []error
	workflow := p.inWorkflow()
	for _, o := range p.list {
		switch {
		case o == shownText, o.format == "ndjson" && p.streamed:
			continue
		case o.format == "github":
			workflow = true
		}
		failed = append(failed, p.put(o, forms[o.format]))
	}
	if workflow {
		failed = append(failed, p.tellWorkflow(forms))
	}
	return errors.Join(failed...)
}

// tellWorkflow annotates and summarizes what was not asked for. Annotations go
// to standard error, where they do no harm to data.
func (p *pass) tellWorkflow(forms map[string]form) error {
	asked := false
	for _, o := range p.list {
		asked = asked || o.format == "github"
	}
	if !asked {
		if err := p.put(output{"github", standardError}, forms["github"]); err != nil {
			return err
		}
	}
	text, err := p.written(forms["markdown"])
	if err != nil {
		return err
	}
	p.summarize(text)
	return nil
}

// put writes a form to its file, at once or not at all.
func (p *pass) put(o output, f form) error {
	text, err := p.written(f)
	if err != nil {
		return err
	}
	stdout, stderr := p.Out, p.Err
	if o.format == "github" {
		stdout, stderr = beyond(stdout), beyond(stderr)
	}
	switch o.file {
	case standardOutput:
		_, err = stdout.Write(text)
		return err
	case standardError:
		_, err = stderr.Write(text)
		return err
	}
	if err := p.writeWhole(o.file, text, private); err != nil {
		return fmt.Errorf("writing --out %s: %w", o, err)
	}
	return nil
}

// written is a form as text, without what is sensitive.
func (p *pass) written(f form) ([]byte, error) {
	var b bytes.Buffer
	if err := f(&b); err != nil {
		return nil, err
	}
	if m, is := p.Out.(*masked); is {
		return m.hide(b.Bytes()), nil
	}
	return b.Bytes(), nil
}

// openEvents begins the streams of events of a run. Their files grow as the run
// goes on.
func (p *pass) openEvents(pl *plan.Plan) error {
	p.streamed = true
	if p.events == nil {
		for _, o := range p.list {
			if o.format != "ndjson" {
				continue
			}
			w := p.Out
			switch o.file {
			case standardOutput:
			case standardError:
				w = p.Err
			default:
				f, err := p.create(o.file)
				if err != nil {
					return fmt.Errorf("writing --out %s: %w", o, err)
				}
				w = mask(f, p.fleet.Sensitive())
			}
			p.events = append(p.events, render.NewEvents(w, pl.Fleet))
		}
	}
	for _, e := range p.events {
		e.Planned(pl)
	}
	return nil
}

func (p *pass) event(e apply.Event) {
	for _, x := range p.events {
		x.Event(e)
	}
}

// endEvents ends the streams of a run.
func (p *pass) endEvents(r *apply.Report) error {
	var failed []error
	for _, e := range p.events {
		failed = append(failed, e.Ended(r))
	}
	return errors.Join(failed...)
}
