package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"fleet/apply"
	"fleet/internal/redact"
	"fleet/internal/render"
	"fleet/plan"
)

// printsText reports whether standard output has text, which is printed during
// the run.
func (p *planRun) printsText() bool { return slices.Contains(p.outputs, textToStdout) }

// printsTextOnly reports whether there is no other output than text for people.
func (p *planRun) printsTextOnly() bool { return len(p.outputs) == 1 && p.printsText() }

// styleOf returns how plans look on a stream.
func (p *planRun) styleOf(w io.Writer) render.Style {
	s := p.app.style(w)
	s.Full, s.Drift, s.Strict = p.options.full, p.options.drift, p.options.strict
	return s
}

// printedStyle returns how plans look on standard output.
func (p *planRun) printedStyle() render.Style { return p.styleOf(p.app.out) }

// document returns what the formats show of a plan, without secrets.
func (p *planRun) document(pl *plan.Plan) *render.Document {
	d := &render.Document{
		Plan: p.app.redactedPlan(pl), Style: render.Style{Full: p.options.full, Drift: p.options.drift, Strict: p.options.strict}, Version: Version(), Workspace: p.app.workspace(),
		GC: p.collected,
	}
	if opened := p.app.specs.opened; len(opened) > 0 {
		d.SpecFile = opened[0]
	}
	return d
}

// writePlan writes the outputs of a plan, except for text that was printed.
func (p *planRun) writePlan(pl *plan.Plan) error {
	return p.writeOutputs(p.document(pl), planColumn)
}

// writeReport writes the outputs of a run, except for text that was printed and
// events that were streamed.
func (p *planRun) writeReport(pl *plan.Plan, r *apply.Report) error {
	d := p.reportDocument(pl, r)
	if p.events.open {
		if err := p.events.end(r); err != nil {
			return err
		}
	}
	err := p.writeOutputs(d, reportColumn)
	p.events.open = false
	return err
}

// writeRefused writes the outputs of a plan that was not run: people read the
// plan, and programs that nothing was done.
func (p *planRun) writeRefused(pl *plan.Plan, r *apply.Report) error {
	return p.writeOutputs(p.reportDocument(pl, r), refusedColumn)
}

// reportDocument returns what the formats show of a run, and records it for
// --report.
func (p *planRun) reportDocument(pl *plan.Plan, r *apply.Report) *render.Document {
	if r.Start.IsZero() { // no step was started
		r.Start = p.record.start
	}
	d := p.document(pl)
	d.Report = p.app.redactedReport(r)
	p.record.document = d
	return d
}

// writeOutputs writes a document in the formats of the outputs. A job of GitHub
// Actions also gets annotations and a summary.
func (p *planRun) writeOutputs(d *render.Document, of column[*render.Document]) error {
	var failed []error
	inJob := p.app.inGitHubActions()
	annotated := false
	for _, o := range p.outputs {
		annotated = annotated || o.format == render.GitHubFormat
		if o == textToStdout || o.format == render.NDJSONFormat && p.events.open {
			continue
		}
		failed = append(failed, p.writeOutput(o, d, of))
	}
	if inJob && !annotated { // on standard error, where annotations do not mix with data
		failed = append(failed, p.writeOutput(output{render.GitHubFormat, standardError}, d, of))
	}
	if inJob || annotated {
		failed = append(failed, p.writeSummary(d, of))
	}
	return errors.Join(failed...)
}

// writeOutput writes a document to a file, as a whole, or to a stream.
func (p *planRun) writeOutput(o output, d *render.Document, of column[*render.Document]) error {
	write, err := p.writerOf(o.format, d, of)
	if err != nil {
		return err
	}
	stdout, stderr := p.app.out, p.app.err
	if f, _ := render.FindFormat(o.format); f.Escaped {
		stdout, stderr = unescapedWriter(stdout), unescapedWriter(stderr)
	}
	switch o.file {
	case standardOutput:
		err = write(stdout)
	case standardError:
		err = write(stderr)
	default:
		if err = p.app.outFiles().WriteBy(o.file, p.app.forRunner(o.format, write)); err != nil {
			err = fmt.Errorf("writing --out %s: %w", o, err)
		}
	}
	return err
}

// writerOf returns a function that writes a document in a format, without secrets.
func (p *planRun) writerOf(format string, d *render.Document, of column[*render.Document]) (func(io.Writer) error, error) {
	if f, _ := render.FindFormat(format); f.Chunks && of(f) != nil {
		return func(w io.Writer) error { return of(f)(p.app.redacting(w), d) }, nil
	}
	text, err := p.formatted(format, d, of)
	return func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}, err
}

// redacting returns a writer that hides the secrets of the spec in each text that is
// written.
func (a *app) redacting(w io.Writer) io.Writer {
	secrets := a.redactor()
	if secrets.Empty() || w == a.out {
		return w
	}
	return &redactingWriter{out: w, secrets: secrets}
}

// formatted returns a document in a format, without secrets.
func (p *planRun) formatted(format string, d *render.Document, of column[*render.Document]) ([]byte, error) {
	f, _ := render.FindFormat(format) // the flags were checked
	write := of(f)
	if write == nil {
		return nil, fmt.Errorf("format %q is not available for this output", format)
	}
	return p.app.redactedText(func(w io.Writer) error { return write(w, d) })
}

// writeSummary appends a document to the summary of a job of GitHub Actions, if
// the job has one. A summary that cannot be written fails no command.
func (p *planRun) writeSummary(d *render.Document, of column[*render.Document]) error {
	text, err := p.formatted(render.MarkdownFormat, d, of)
	if err != nil {
		return err
	}
	file := p.app.env("GITHUB_STEP_SUMMARY")
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o644) // a pipe may have no reader
	if err == nil {
		_, err = f.Write(append(text, '\n'))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		p.app.note("fleet: writing the summary of the job: %v", err)
	}
	return nil
}

// redactor returns what hides the secrets of the spec; nil if there are none.
func (a *app) redactor() *redact.Redactor {
	if m, is := a.out.(*redactingWriter); is {
		return m.secrets
	}
	return nil
}

func (a *app) redactedPlan(pl *plan.Plan) *plan.Plan { return render.RedactedPlan(pl, a.redactor()) }

func (a *app) redactedReport(r *apply.Report) *apply.Report {
	return render.RedactedReport(r, a.redactor())
}

// redactedText returns what a function writes, without secrets.
func (a *app) redactedText(write func(io.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return nil, err
	}
	return a.redactor().Bytes(b.Bytes()), nil
}

// eventOutputs are the streams that the events of a run are written to.
type eventOutputs struct {
	writers []*render.EventWriter // nil until the first run
	open    bool                  // the run whose report comes next is streamed
}

// openEvents starts the streams of events of a run. A watch opens its files once.
func (p *planRun) openEvents(pl *plan.Plan) error {
	p.events.open = true
	if p.events.writers == nil {
		for _, o := range p.outputs {
			f, _ := render.FindFormat(o.format)
			if f.Stream == nil {
				continue
			}
			w, err := p.openStream(o)
			if err != nil {
				return err
			}
			p.events.writers = append(p.events.writers, f.Stream(w, pl.Fleet))
		}
	}
	for _, e := range p.events.writers {
		e.Planned(pl)
	}
	return nil
}

// openStream opens the file of an output that grows with the run.
func (p *planRun) openStream(o output) (io.Writer, error) {
	switch o.file {
	case standardOutput:
		return p.app.out, nil
	case standardError:
		return p.app.err, nil
	}
	f, err := p.app.outFiles().Create(o.file)
	if err != nil {
		return nil, fmt.Errorf("writing --out %s: %w", o, err)
	}
	return newRedactingWriter(p.app.runnerWriter(f), p.fleet.Sensitive()), nil
}

func (e *eventOutputs) write(x apply.Event) {
	for _, w := range e.writers {
		w.Event(x)
	}
}

// end ends the events of a run. It returns the errors of writing them.
func (e *eventOutputs) end(r *apply.Report) error {
	var failed []error
	for _, w := range e.writers {
		failed = append(failed, w.Ended(r))
	}
	return errors.Join(failed...)
}
