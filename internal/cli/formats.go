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
type formatWriter func(io.Writer) error

// writePlan tells of a plan in every form that was asked for but text for
// standard output, which is shown as it comes.
func (p *planRun) writePlan(pl *plan.Plan) error {
	return p.writeFormats(p.planWriters(p.redactedPlan(pl)))
}

// writeReport does the same of a run.
func (p *planRun) writeReport(pl *plan.Plan, r *apply.Report) error {
	if r.Start.IsZero() { // nothing was begun
		r.Start = p.record.start
	}
	writers := p.reportWriters(p.redactedPlan(pl), p.redactedReport(r))
	p.record.writer = writers["json"]
	if p.streamed {
		if err := p.endEvents(r); err != nil {
			return err
		}
	}
	err := p.writeFormats(writers)
	p.streamed = false
	return err
}

// writeRefusedPlan does the same of a plan that is not carried out. Those who read
// see the plan, programs that nothing was done.
func (p *planRun) writeRefusedPlan(pl *plan.Plan, r *apply.Report) error {
	r.Start = p.record.start
	pl = p.redactedPlan(pl)
	writers, plans := p.reportWriters(pl, p.redactedReport(r)), p.planWriters(pl)
	p.record.writer = writers["json"]
	for _, name := range []string{"text", "markdown", "github"} {
		writers[name] = plans[name]
	}
	return p.writeFormats(writers)
}

func (p *planRun) planWriters(pl *plan.Plan) map[string]formatWriter {
	style := render.Style{Full: p.full, Drift: p.drift, Strict: p.strict}
	return map[string]formatWriter{
		"text":     func(w io.Writer) error { render.Plan(w, pl, style); return nil },
		"json":     func(w io.Writer) error { return render.PlanJSON(w, pl) },
		"markdown": func(w io.Writer) error { return render.PlanMarkdown(w, pl, style) },
		"junit":    func(w io.Writer) error { return render.PlanJUnit(w, pl, style) },
		"sarif": func(w io.Writer) error {
			file := ""
			if len(p.openedFiles) > 0 {
				file = p.openedFiles[0]
			}
			return render.PlanSARIF(w, pl, file, Version(), style)
		},
		"github":  func(w io.Writer) error { return render.PlanGitHub(w, pl, style) },
		"dot":     func(w io.Writer) error { return render.PlanDOT(w, pl, style) },
		"mermaid": func(w io.Writer) error { return render.PlanMermaid(w, pl, style) },
	}
}

func (p *planRun) reportWriters(pl *plan.Plan, r *apply.Report) map[string]formatWriter {
	return map[string]formatWriter{
		"text": func(w io.Writer) error {
			render.Plan(w, pl, render.Style{Full: p.full})
			if len(r.Results) > 0 {
				render.WriteHeading(w, pl, render.Style{})
				render.Report(w, r, render.Style{})
			}
			return nil
		},
		"json":     func(w io.Writer) error { return render.ReportJSON(w, pl, r) },
		"ndjson":   func(w io.Writer) error { return render.NewEventWriter(w, pl.Fleet).Refused(pl, r) },
		"markdown": func(w io.Writer) error { return render.ReportMarkdown(w, pl, r) },
		"junit":    func(w io.Writer) error { return render.ReportJUnit(w, pl, r) },
		"github":   func(w io.Writer) error { return render.ReportGitHub(w, r) },
	}
}

// writeFormats writes the forms that were asked for. In a workflow of GitHub there
// are annotations and a summary in any case.
func (p *planRun) writeFormats(writers map[string]formatWriter) error {
	var failed []error
	workflow := p.inGitHubActions()
	for _, o := range p.list {
		switch {
		case o == textToStdout, o.format == "ndjson" && p.streamed:
			continue
		case o.format == "github":
			workflow = true
		}
		failed = append(failed, p.writeOutput(o, writers[o.format]))
	}
	if workflow {
		failed = append(failed, p.writeWorkflow(writers))
	}
	return errors.Join(failed...)
}

// writeWorkflow annotates and summarizes what was not asked for. Annotations go
// to standard error, where they do no harm to data.
func (p *planRun) writeWorkflow(writers map[string]formatWriter) error {
	asked := false
	for _, o := range p.list {
		asked = asked || o.format == "github"
	}
	if !asked {
		if err := p.writeOutput(output{"github", standardError}, writers["github"]); err != nil {
			return err
		}
	}
	text, err := p.redactedText(writers["markdown"])
	if err != nil {
		return err
	}
	p.summarize(text)
	return nil
}

// writeOutput writes a form to its file, at once or not at all.
func (p *planRun) writeOutput(o output, f formatWriter) error {
	text, err := p.redactedText(f)
	if err != nil {
		return err
	}
	stdout, stderr := p.Out, p.Err
	if o.format == "github" {
		stdout, stderr = unescapedWriter(stdout), unescapedWriter(stderr)
	}
	switch o.file {
	case standardOutput:
		_, err = stdout.Write(text)
		return err
	case standardError:
		_, err = stderr.Write(text)
		return err
	}
	if err := p.writeAtomically(o.file, text, privateMode); err != nil {
		return fmt.Errorf("writing --out %s: %w", o, err)
	}
	return nil
}

// redactedText is a form as text, without what is sensitive.
func (p *planRun) redactedText(f formatWriter) ([]byte, error) {
	var b bytes.Buffer
	if err := f(&b); err != nil {
		return nil, err
	}
	if m, is := p.Out.(*redactingWriter); is {
		return m.redact(b.Bytes()), nil
	}
	return b.Bytes(), nil
}

// openEvents begins the streams of events of a run. Their files grow as the run
// goes on.
func (p *planRun) openEvents(pl *plan.Plan) error {
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
				f, err := p.createFile(o.file)
				if err != nil {
					return fmt.Errorf("writing --out %s: %w", o, err)
				}
				w = newRedactingWriter(f, p.fleet.Sensitive())
			}
			p.events = append(p.events, render.NewEventWriter(w, pl.Fleet))
		}
	}
	for _, e := range p.events {
		e.Planned(pl)
	}
	return nil
}

func (p *planRun) writeEvent(e apply.Event) {
	for _, x := range p.events {
		x.Event(e)
	}
}

// endEvents ends the streams of a run.
func (p *planRun) endEvents(r *apply.Report) error {
	var failed []error
	for _, e := range p.events {
		failed = append(failed, e.Ended(r))
	}
	return errors.Join(failed...)
}
