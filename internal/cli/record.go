package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2/maybe"
	"github.com/spf13/cobra"

	"fleet/internal/render"
	"fleet/plan"
)

// A record is the report of the last run, for later.
type record struct {
	file   string // of --report; empty without
	start  time.Time
	writer formatWriter // of the report; nil until the run came to a plan
}

// reportFlag declares --report. A file that cannot be written is told before
// anything is sent.
func (p *planRun) reportFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.record.file, "report", "", "write the report of the run to `FILE` as JSON, even if the run fails")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if err := before(cmd, args); err != nil || !cmd.Flags().Changed("report") {
			return err
		}
		file := p.record.file
		for _, o := range p.list {
			if o.file != standardOutput && filepath.Clean(o.file) == filepath.Clean(file) {
				return invalid("--report %s: the file is that of --out %s already", file, o)
			}
		}
		if file == "" || file == standardOutput {
			return invalid("--report is given the name of a file; -o json prints the report")
		}
		if err := checkWritable(file); err != nil {
			return invalid("--report %s: %w", file, err)
		}
		return nil
	}
}

// runRecorded makes a run and keeps its report: in the file that was asked for,
// and for fleet status --last. What became of the run is not changed by a report
// that cannot be written, unless all went well.
func (p *planRun) runRecorded(ctx context.Context, run func() error) error {
	p.record.start, p.record.writer = time.Now(), nil
	ended := run()
	writer := p.record.writer
	if writer == nil {
		if ended == nil { // there was nothing to do, and nothing to say
			return nil
		}
		why := ended
		if ctx.Err() != nil {
			why = errors.New("interrupted")
		}
		writer = func(w io.Writer) error { return render.NoPlanReportJSON(w, p.planStub(), p.record.start, why) }
	}
	text, err := p.redactedText(writer)
	if err == nil {
		if p.fleet != nil && p.session != nil {
			p.saveLastReport(text)
		}
		if p.record.file != "" {
			err = p.writeAtomically(p.record.file, text, privateMode)
		}
	}
	if err != nil {
		p.note("fleet: writing --report %s: %v", p.record.file, err)
		if ended == nil {
			return &exitError{codeError, nil}
		}
	}
	return ended
}

// planStub is what is known of a run without a plan.
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

// failedBeforeRun is the error of a command that ended before its run. If a signal ended
// it, the report says so.
func (p *planRun) failedBeforeRun(ctx context.Context, err error) error {
	if p.record.file == "" || p.interrupt.signalNumber() == 0 {
		return err
	}
	return p.runRecorded(ctx, func() error { return err })
}

// saveLastReport keeps a report for fleet status --last, where there is a place for
// it. It is a convenience: no run fails for it.
func (p *planRun) saveLastReport(text []byte) {
	file, err := p.lastReportPath(p.session.address, p.fleet.Name)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err == nil {
		err = maybe.WriteFile(file, text, 0o600)
	}
	if err != nil && p.verbose {
		p.note("The report is not kept for fleet status --last: %v", err)
	}
}

// lastReportPath is where the last report of a fleet on a server is kept. A name of
// a fleet is fit for a file; an address is not, and is told by a digest.
func (a *app) lastReportPath(address, fleet string) (string, error) {
	sum := sha256.Sum256([]byte(strings.TrimRight(address, "/") + "\n" + fleet))
	return a.statePath("reports", fmt.Sprintf("%s-%x.json", fleet, sum[:8]))
}

// checkWritable tells why a file could not be written as a whole.
func checkWritable(file string) error {
	end, err := resolvePath(file)
	if err != nil {
		return err
	}
	if info, err := os.Stat(end); err == nil && info.IsDir() {
		return errors.New("this is a directory; name a file in it")
	}
	if isStream(end) {
		return nil
	}
	dir := filepath.Dir(end)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no directory %s", dir)
	}
	probe, err := os.CreateTemp(dir, ".fleet-*")
	if err != nil {
		return fmt.Errorf("nothing can be written to %s: %w", dir, errors.Unwrap(err))
	}
	probe.Close()
	return os.Remove(probe.Name())
}
