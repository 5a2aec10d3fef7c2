package cli

import (
	"context"
	"fmt"

	"fleet/internal/exit"
	"fleet/internal/render"
	"fleet/plan"
)

// dryRunFlag declares --dry-run of a command that plans and applies.
func dryRunFlag(f *flagSet, into *bool) {
	f.BoolVar(into, "dry-run", false, "plan without applying")
	f.check(func() error {
		for _, name := range []string{"report", "approve"} {
			if *into && f.Lookup(name) != nil && f.Changed(name) {
				return exit.Invalidf("--dry-run and --%s are mutually exclusive: a dry run applies nothing", name)
			}
		}
		return nil
	})
}

// dryRunColumn has the formats of a plan and, for those that only runs have, what is
// written of a plan that was not run.
func dryRunColumn(f render.Format) render.Writer[*render.Document] {
	if of := planColumn(f); of != nil {
		return of
	}
	return refusedColumn(f)
}

// preview plans and shows the plan without applying it. The error is the one with which
// the run would be refused.
func (p *planRun) preview(ctx context.Context) error {
	pl, err := p.compute(ctx)
	if err != nil {
		return err
	}
	return p.showPlan(pl)
}

// showPlan prints a plan that is not applied, with its digest.
func (p *planRun) showPlan(pl *plan.Plan) error {
	if pl.Digest == "" && (!pl.Empty() || !p.printsTextOnly()) { // text shows no digest of an empty plan
		p.savedPlan(pl)
	}
	p.printPlan(pl)
	if err := p.writeOutputs(p.document(pl), dryRunColumn); err != nil {
		return err
	}
	if pl.Empty() {
		return nil
	}
	if err := pl.Refusal(); err != nil {
		return err
	}
	if err := p.checkBlocked(pl); err != nil {
		return err
	}
	return p.checkForecast(pl)
}

// printPlan prints a plan on standard output, unless that has another format, and the
// digest of one that can be approved.
func (p *planRun) printPlan(pl *plan.Plan) {
	if !p.printsText() {
		return
	}
	fmt.Fprint(p.app.out, p.planText(pl))
	if pl.Digest != "" && !pl.Empty() && len(pl.Blocked()) == 0 {
		p.app.note("Digest: %s", pl.Digest)
	}
}
