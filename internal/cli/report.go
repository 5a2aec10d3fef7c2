package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"fleet/internal/exit"
	"fleet/internal/outfile"
	"fleet/internal/render"
	"fleet/plan"
)

// A record is what is known of a run for its report.
type record struct {
	start    time.Time
	document *render.Document // nil until the run has a plan
}

// runRecorded calls run and writes its report: to the file of --report, and for
// fleet status --last. A report that cannot be written changes the exit code
// only of a run that succeeded.
func (p *planRun) runRecorded(ctx context.Context, run func() error) error {
	p.record = record{start: time.Now()}
	return p.endRecord(ctx, run())
}

// endRecord writes the report of a run that ended, and returns the error that sets the
// exit code.
func (p *planRun) endRecord(ctx context.Context, ended error) error {
	if p.record.document == nil && ended == nil { // a quiet watch had nothing to do
		return nil
	}
	file := p.options.output.report
	text, err := p.reportText(ctx, ended)
	if err == nil {
		p.saveLastReport(text)
		if file != "" {
			err = p.app.outFiles().Write(file, text, outfile.PrivateMode)
		}
	}
	if err == nil {
		return ended
	}
	p.app.note("fleet: writing --report %s: %v", file, err)
	if ended == nil {
		return exit.Silent(exit.Failed)
	}
	return ended
}

// reportText returns the report of a run as JSON. A run without a plan has the
// error that it ended with.
func (p *planRun) reportText(ctx context.Context, ended error) ([]byte, error) {
	if d := p.record.document; d != nil {
		return p.formatted(render.JSONFormat, d, reportColumn)
	}
	if ctx.Err() != nil {
		ended = errors.New("interrupted")
	}
	return p.app.redactedText(func(w io.Writer) error {
		return render.NoPlanReportJSON(w, p.planStub(), p.record.start, ended)
	})
}

// planStub returns a plan with the known facts of a run that has none.
func (p *planRun) planStub() *plan.Plan {
	pl := &plan.Plan{Organization: p.organization}
	if p.fleet != nil {
		pl.Fleet, pl.Environment = p.fleet.Name, p.fleet.Environment
	}
	if p.session != nil {
		pl.Server = p.session.address
	}
	return pl
}

// failedBeforeRun returns the error of a command that ended before its run. If a
// signal ended it, --report has a report too.
func (p *planRun) failedBeforeRun(ctx context.Context, err error) error {
	if p.options.output.report == "" || p.app.interrupt.Signal() == 0 {
		return err
	}
	return p.runRecorded(ctx, func() error { return err })
}

// saveLastReport stores a report for fleet status --last. No run fails because
// that is not possible.
func (p *planRun) saveLastReport(text []byte) {
	if p.fleet == nil || p.session == nil {
		return
	}
	err := p.app.state().SaveLastReport(p.session.address, p.fleet.Name, text)
	if err != nil && p.app.flags.verbose {
		p.app.note("The report is not stored for fleet status --last: %v", err)
	}
}
