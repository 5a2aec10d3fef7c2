package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/exit"
	"fleet/internal/gc"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/internal/statedir"
	"fleet/internal/watch"
	"fleet/plan"
	"fleet/spec"
)

// runOptions are how a plan is made, shown and run. Each command declares flags
// for those that it has; the others keep their zero values.
type runOptions struct {
	output      outputOptions
	plan        plan.Options
	full        bool
	ignoreQuota bool
	parallelism parallelism
	grace       time.Duration
	logs        string // --logs; empty if it is not given
	skipBlocked bool

	hookCredentials bool // hooks on this machine get those of the session

	yes        bool
	approved   string // digest of the plan that needs no confirmation; empty for none
	hasApprove bool   // the command has --approve

	drift          bool   // the plan is shown for its drift, and not run
	strict         bool   // expected drift counts too
	question       string // asked before a run
	expectedAnswer string
}

// A planRun makes the plan of a fleet and runs it. A command has one; watch uses
// it again for each reconciliation.
type planRun struct {
	app     *app
	options runOptions
	outputs []output
	events  eventOutputs
	record  record

	fleet        *spec.Fleet
	session      *session   // nil until the command is connected
	organization string     // id that was observed; empty if it is not known
	collected    *gc.Report // what gc found; nil for other commands

	quiet     bool   // print nothing if nothing is to be done, or nothing new
	lastShown string // the plan that was printed last

	longest  time.Duration       // after which a run starts no more steps; 0 for no limit
	onEvent  func(apply.Event)   // receives the events of a run; nil for none
	onReport func(*apply.Report) // receives how a run ended; nil for none
}

// newRun returns a run of checked options.
func (a *app) newRun(o runOptions) *planRun {
	outputs, _ := o.output.resolve() // the check of the flags has reported errors
	return &planRun{app: a, options: o, outputs: outputs}
}

// open reads the spec and connects to the server.
func (p *planRun) open(ctx context.Context) (err error) {
	p.fleet, p.session, err = p.app.loadAndOpen(ctx)
	return err
}

// openSelected is open for a plan that the flags restrict. Errors in the
// selection are reported even without credentials.
func (p *planRun) openSelected(ctx context.Context, selection selectionOptions) (err error) {
	if p.fleet, err = p.app.load(); err != nil {
		return err
	}
	if err := p.app.selectInto(ctx, selection, p.fleet, &p.options.plan); err != nil {
		return err
	}
	p.app.noteWarnings(p.fleet)
	p.session, err = p.app.open(ctx)
	return err
}

// creations returns the record of the snapshots that the fleet created.
func (p *planRun) creations() statedir.Creations {
	return p.app.state().Creations(p.session.address, p.fleet.Name, p.fleet.FormerNames...)
}

// compute reads what exists and plans.
func (p *planRun) compute(ctx context.Context) (*plan.Plan, error) {
	return p.computeBy(ctx, func(opts plan.Options) (*plan.World, *plan.Plan, error) {
		return observe.Plan(ctx, p.session.Client, p.fleet, opts)
	})
}

// planOptions returns the options of a plan.
func (p *planRun) planOptions() plan.Options {
	opts := p.options.plan
	opts.DefaultRegion, opts.IgnoreQuota = p.session.config.Target, p.options.ignoreQuota
	opts.Creations = p.creations().List()
	return opts
}

// computeBy is compute with the function that observes and plans.
func (p *planRun) computeBy(ctx context.Context, makePlan func(plan.Options) (*plan.World, *plan.Plan, error)) (*plan.Plan, error) {
	ctx, planned := p.session.telemetry.StartPlan(ctx, p.fleet.Name)
	world, pl, err := makePlan(p.planOptions())
	planned(pl, err)
	if _, invalid := errors.AsType[*plan.SelectionError](err); invalid {
		return nil, exit.Invalidf("%w", err)
	}
	if err != nil {
		return nil, err
	}
	return pl, p.complete(ctx, world, pl)
}

// complete adds to a plan where it applies, and its forecast.
func (p *planRun) complete(ctx context.Context, world *plan.World, pl *plan.Plan) error {
	p.setLocation(pl, world)
	if p.options.drift || pl.Empty() {
		return nil
	}
	return observe.Preflight(ctx, p.session.Client, p.fleet, world, pl, p.session.config.Target)
}

// setLocation sets the server, the organisation and the environment of a plan.
func (p *planRun) setLocation(pl *plan.Plan, world *plan.World) {
	p.organization = cmp.Or(p.session.organization, world.Organization())
	pl.Environment, pl.Environments = p.fleet.Environment, p.fleet.Environments
	pl.Server, pl.Organization = p.session.address, p.organization
}

// run plans and runs the plan, and keeps the report.
func (p *planRun) run(ctx context.Context) error {
	return p.runRecorded(ctx, func() error {
		pl, err := p.compute(ctx)
		if err != nil {
			return err
		}
		return p.proceed(ctx, pl)
	})
}

// proceed shows a plan, asks for approval, and runs it.
func (p *planRun) proceed(ctx context.Context, pl *plan.Plan) error {
	if p.quiet && (pl.Empty() || p.alreadyShown(pl)) {
		return nil
	}
	if p.printsText() {
		fmt.Fprint(p.app.out, p.planText(pl))
	}
	p.lastShown = p.planText(pl)
	switch refusal := pl.Refusal(); {
	case pl.Empty():
		return p.report(pl, &apply.Report{})
	case refusal != nil:
		return p.refuseWith(pl, refusal)
	}
	if err := p.checkBlocked(pl); err != nil {
		return p.refuseWith(pl, err)
	}
	if err := p.checkForecast(pl); err != nil {
		return p.refuseWith(pl, err)
	}
	if err := p.approve(ctx, pl); err != nil {
		return err
	}
	return p.apply(ctx, pl)
}

// planText returns the plan as it is printed.
func (p *planRun) planText(pl *plan.Plan) string {
	var b strings.Builder
	render.Plan(&b, p.app.redactedPlan(pl), p.printedStyle())
	return b.String()
}

// alreadyShown reports whether a plan can do nothing because of blocked steps,
// as when it was last printed.
func (p *planRun) alreadyShown(pl *plan.Plan) bool {
	return len(pl.BlockedBy()) == pl.ChangeCount() && p.planText(pl) == p.lastShown
}

func stepsAre(n int) string { return plan.Plural(n, "step is", "steps are") }

// refuseWith writes the outputs of a plan that is not run, and returns err.
func (p *planRun) refuseWith(pl *plan.Plan, err error) error {
	if writeErr := p.writeRefused(pl, apply.Refused(pl, err)); writeErr != nil {
		return errors.Join(err, writeErr)
	}
	return err
}

// apply runs an approved plan and reports how it ended.
func (p *planRun) apply(ctx context.Context, pl *plan.Plan) error {
	if err := p.runBeforeHook(ctx, pl); err != nil {
		return p.refuseWith(pl, fmt.Errorf("%w; nothing was sent", err))
	}
	if err := p.openEvents(pl); err != nil {
		return err
	}
	stop, end := p.app.interrupt.BeginGraceful()
	defer end()
	closing, release := watch.Closing(p.longest)
	defer release()
	shown, endShow := p.showProgress(pl)
	defer endShow()
	ctx, observed := p.session.telemetry.StartApply(ctx, pl)
	creations := p.creations()
	report := apply.Run(ctx, p.session.Client, pl, apply.Options{
		Parallelism: int(p.options.parallelism), Concurrency: p.session.pace.Concurrency, Target: p.session.config.Target, Stop: stop, GracePeriod: p.gracePeriod(), Close: closing, Logs: p.options.logs != logsFailed,
		HookEnvironment: p.hookEnvironment(), HookSecrets: p.app.credentials, Trace: observed.Trace(), OnSnapshotCreate: p.recordCreation(creations),
	}, func(e apply.Event) {
		observed.Event(e)
		shown(e)
		p.events.write(e)
		if p.onEvent != nil {
			p.onEvent(e)
		}
	})
	observed.End(report)
	endShow()
	creations.Forget(report)
	if err := p.session.recordPace(report); err != nil && p.app.flags.verbose {
		p.app.note("The pace of the server is not stored for later commands: %v", err)
	}
	if p.onReport != nil {
		p.onReport(report)
	}
	hookErr := p.runAfterHook(ctx, report)
	err := p.report(pl, report)
	if hookErr != nil && err != nil {
		p.app.note("fleet: %v", hookErr)
		return err
	}
	return cmp.Or(err, hookErr)
}

// gracePeriod returns the time for running operations to finish. apply takes 0
// for its default, but --grace 0 leaves no time.
func (p *planRun) gracePeriod() time.Duration { return max(p.options.grace, 1) }

// recordCreation returns a function that records the creation of snapshots. A
// record that cannot be written stops no run.
func (p *planRun) recordCreation(c statedir.Creations) func(*plan.Step, string) {
	return func(s *plan.Step, id string) {
		if err := c.Record(s, id); err != nil && p.app.flags.verbose {
			p.app.note("The creation of snapshot %s is not stored for later commands: %v", s.Name, err)
		}
	}
}

// report prints how a run ended, and returns the error that sets its exit code.
func (p *planRun) report(pl *plan.Plan, r *apply.Report) error {
	if p.printsText() && len(r.Results) > 0 {
		style := p.printedStyle()
		style.Logs = p.hidesProgress() // progress has shown them
		render.WriteHeading(p.app.out, pl, style)
		render.Report(p.app.out, p.app.redactedReport(r), style)
	}
	if err := p.writeReport(pl, r); err != nil {
		return err
	}
	return p.runError(r)
}

// runError returns the error that sets the exit code of a run; nil if all steps
// were done.
func (p *planRun) runError(r *apply.Report) error {
	number := p.app.interrupt.Signal()
	if r.Interrupted && number != 0 {
		return &exit.Error{Code: exit.Signal + number, Err: errors.New("interrupted; the next run continues from here")}
	}
	if r.OK() {
		return nil
	}
	return exit.Silent(failedCode(r))
}

// failedCode returns the exit code of a run that did not do all of its steps.
func failedCode(r *apply.Report) int {
	if r.Partial() {
		return exit.Partly
	}
	for _, x := range r.Results {
		switch client.ErrorClassOf(x.Err) {
		case client.Unauthorized, client.Forbidden, client.Suspended:
			return exit.Auth
		}
	}
	return exit.Failed
}
