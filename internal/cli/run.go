package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// A pass is one way from a spec to a world that is as the spec wants it: apply,
// destroy and watch make the same one.
type planRun struct {
	*app
	outputs
	session *session
	fleet   *spec.Fleet

	organization string // that was observed; empty when it is not known

	progress string // how a run is shown
	record   record

	full         bool
	showDigest   bool // the plan is shown with its digest
	drift        bool // the plan is shown for its differences
	strict       bool // those that are to be expected, too
	quiet        bool // say nothing when there is nothing to do, or nothing that was not said before
	lastShown    string
	heldRollouts *heldRollouts // of a watch; nil: nothing is held back

	opts           plan.Options
	selection      selection
	parallelism    parallelism
	grace          time.Duration
	skipBlocked    bool
	ignoreQuota    bool
	yes            bool
	approvedDigest string // the digest of the plan that needs no more consent
	hasApproveFlag bool   // the command has --approve
	question       string // what to ask; the answer is expected
	expectedAnswer string
}

// compute observes the world and plans.
func (p *planRun) compute(ctx context.Context) (*plan.Plan, error) {
	ctx, planned := p.session.telemetry.StartPlan(ctx, p.fleet.Name)
	opts := p.opts
	opts.DefaultRegion, opts.IgnoreQuota = p.session.config.Target, p.ignoreQuota
	opts.Creations = p.creations().list()
	world, err := observe.Observe(ctx, p.session.Client, observe.Scope{Fleet: p.fleet, Plan: &opts})
	if err != nil {
		planned(nil, err)
		return nil, err
	}
	pl, err := plan.Compute(p.fleet, world, opts)
	planned(pl, err)
	if err != nil {
		return nil, invalid("%w", err)
	}
	p.setLocation(pl, world)
	if p.drift || pl.Empty() {
		return pl, nil
	}
	return pl, observe.Preflight(ctx, p.session.Client, p.fleet, world, pl, p.session.config.Target)
}

// run makes the pass.
func (p *planRun) run(ctx context.Context) error {
	return p.runRecorded(ctx, func() error {
		pl, err := p.compute(ctx)
		if err != nil {
			return err
		}
		if p.heldRollouts != nil {
			p.heldRollouts.block(p.fleet, pl)
		}
		return p.proceed(ctx, pl)
	})
}

// proceed shows a plan, asks, and carries it out.
func (p *planRun) proceed(ctx context.Context, pl *plan.Plan) error {
	if p.quiet && (pl.Empty() || p.alreadyShown(pl)) {
		return nil
	}
	if p.printsText() {
		fmt.Fprint(p.Out, p.planText(pl))
	}
	p.lastShown = p.planText(pl)
	blocked := len(pl.Blocked())
	switch refusal := pl.Refusal(); {
	case pl.Empty():
		return p.report(pl, &apply.Report{})
	case refusal != nil:
		return p.refuseWith(pl, refusal)
	case blocked > 0 && !p.skipBlocked:
		return p.refuse(pl, "%s blocked: nothing was sent. Resolve what is blocked, or apply the rest with --skip-blocked", stepsAre(blocked))
	case blocked == countChanges(pl):
		return p.refuse(pl, "all that there is to do is blocked: nothing was sent")
	case len(pl.BlockedBy()) == countChanges(pl):
		return p.refuse(pl, "all that there is to do is blocked, or waits for what is: nothing was sent")
	}
	if err := p.checkForecast(pl); err != nil {
		return err
	}
	if err := p.approve(ctx, pl); err != nil {
		return err
	}
	return p.applyPlan(ctx, pl)
}

// planText is the plan as it is shown.
func (p *planRun) planText(pl *plan.Plan) string {
	var b strings.Builder
	render.Plan(&b, p.redactedPlan(pl), p.styleOf(p.Out))
	return b.String()
}

// alreadyShown reports whether all that there is to do is blocked, or waits for what
// is, as it was the last time.
func (p *planRun) alreadyShown(pl *plan.Plan) bool {
	return len(pl.BlockedBy()) == countChanges(pl) && p.planText(pl) == p.lastShown
}

func stepsAre(n int) string { return plan.Plural(n, "step is", "steps are") }

// countChanges counts the steps that do something.
func countChanges(pl *plan.Plan) int {
	n := 0
	for _, s := range pl.Steps {
		if s.Action != plan.NoOp {
			n++
		}
	}
	return n
}

// refuse carries nothing out, and tells so in every form that was asked for.
func (p *planRun) refuse(pl *plan.Plan, format string, args ...any) error {
	return p.refuseWith(pl, refused(format, args...))
}

// refuseWith is the error of a plan that is not carried out, which is told in
// every form that was asked for.
func (p *planRun) refuseWith(pl *plan.Plan, err error) error {
	if writeErr := p.writeRefusedPlan(pl, apply.Refused(pl, err)); writeErr != nil {
		return errors.Join(err, writeErr)
	}
	return err
}

// approve asks for consent, unless it was given.
func (p *planRun) approve(ctx context.Context, pl *plan.Plan) error {
	if p.approvedDigest != "" {
		return p.checkApproved(pl)
	}
	if p.yes || pl.OnlyWaits() {
		return nil
	}
	if _, ok := p.terminalWidth(p.In); !ok {
		how := "--yes"
		if p.hasApproveFlag {
			how += ", or --approve and its digest"
		}
		return p.refuse(pl, "there is no terminal to ask at: nothing was sent. Approve the plan with %s", how)
	}
	if !p.printsText() { // who is asked has to see the plan
		fmt.Fprint(p.Err, p.planText(pl))
	}
	fmt.Fprintln(p.Err)
	render.WriteHeading(p.Err, pl, p.styleOf(p.Err))
	fmt.Fprintf(p.Err, "%s%s ", render.Losses(pl), p.question)
	answer, err := p.newAnswerReader(ctx).next()
	if ctx.Err() != nil {
		fmt.Fprintln(p.Err)
		return p.refuseWith(pl, p.interruptedError("nothing was sent"))
	}
	if err != nil || answer != p.expectedAnswer {
		fmt.Fprintln(p.Err)
		return p.refuse(pl, "not approved: nothing was sent")
	}
	return nil
}

// applyPlan applies the plan and tells how it went.
func (p *planRun) applyPlan(ctx context.Context, pl *plan.Plan) error {
	if err := p.runBeforeHook(ctx, pl); err != nil {
		return p.refuseWith(pl, fmt.Errorf("%w; nothing was sent", err))
	}
	if err := p.openEvents(pl); err != nil {
		return err
	}
	stop, end := p.interrupt.beginGraceful()
	defer end()
	shown, endShow := p.showProgress(pl)
	defer endShow()
	ctx, observed := p.session.telemetry.StartApply(ctx, pl)
	report := apply.Run(ctx, p.session.Client, pl, apply.Options{
		Parallelism: int(p.parallelism), Target: p.session.config.Target, Stop: stop, GracePeriod: p.grace, Logs: true,
		HookEnvironment: p.hookEnvironment(p.fleet), Trace: observed.Trace(), OnSnapshotCreate: p.creations().record,
	}, func(e apply.Event) {
		observed.Event(e)
		shown(e)
		p.writeEvent(e)
	})
	observed.End(report)
	endShow()
	p.creations().forget(report)
	if p.heldRollouts != nil {
		p.heldRollouts.record(p.fleet, report)
	}
	failed := p.runAfterHook(ctx, report)
	err := p.report(pl, report)
	if failed != nil && err != nil {
		p.note("fleet: %v", failed)
		return err
	}
	return cmp.Or(err, failed)
}

// report tells how a run ended, by output and by exit code.
func (p *planRun) report(pl *plan.Plan, r *apply.Report) error {
	if p.printsText() && len(r.Results) > 0 {
		render.WriteHeading(p.Out, pl, p.styleOf(p.Out))
		render.Report(p.Out, p.redactedReport(r), p.styleOf(p.Out))
	}
	if err := p.writeReport(pl, r); err != nil {
		return err
	}
	return p.runError(r)
}

// runError is the exit code of a run.
func (p *planRun) runError(r *apply.Report) error {
	code := codeError
	for _, x := range r.Results {
		switch client.ErrorClassOf(x.Err) {
		case client.Unauthorized, client.Forbidden, client.Suspended:
			code = codeAuth
		}
	}
	if r.Partial() {
		code = codePartly
	}
	switch {
	case r.Interrupted && p.interrupt.signalNumber() != 0:
		return &exitError{codeSignal + p.interrupt.signalNumber(), errors.New("interrupted; the next run goes on from here")}
	case !r.OK():
		return &exitError{code, nil}
	}
	return nil
}

// outputFlag declares -o for text and JSON.
func (a *app) outputFlag(cmd *cobra.Command, into *string) { a.formatFlag(cmd, into, "text", "json") }

// formatFlag declares -o for some formats, of which the first is the default.
func (a *app) formatFlag(cmd *cobra.Command, into *string, formats ...string) {
	cmd.Flags().StringVarP(into, "output", "o", formats[0], "output format: "+plan.JoinOr(formats))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)) // fails only for flags that do not exist
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, *into) {
			return invalid("unknown output format %q; known are %s", *into, plan.JoinAnd(formats))
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// loadAndOpen loads the spec and opens the client, in this order: a wrong spec needs
// no credentials to be told.
func (a *app) loadAndOpen(ctx context.Context) (*spec.Fleet, *session, error) {
	f, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	a.noteWarnings(f)
	s, err := a.open(ctx)
	return f, s, err
}

// noteWarnings says that there are warnings about the spec.
func (a *app) noteWarnings(f *spec.Fleet) {
	if n := f.Warnings.Warnings(); n > 0 {
		a.note("%s in the spec; run `fleet validate` for details.", plan.Plural(n, "warning", "warnings"))
	}
}
