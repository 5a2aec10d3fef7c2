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
type pass struct {
	*app
	outputs
	session *session
	fleet   *spec.Fleet

	organization string // that was observed; empty when it is not known

	progress string // how a run is shown
	record   record

	full    bool
	digests bool // the plan is shown with its digest
	drift   bool // the plan is shown for its differences
	strict  bool // those that are to be expected, too
	quiet   bool // say nothing when there is nothing to do, or nothing that was not said before
	said    string
	held    *held // of a watch; nil: nothing is held back

	opts        plan.Options
	selection   selection
	parallelism parallelism
	grace       time.Duration
	skipBlocked bool
	ignoreQuota bool
	yes         bool
	approved    string // the digest of the plan that needs no more consent
	approvable  bool   // the command has --approve
	question    string // what to ask; the answer is expected
	expected    string
}

// compute observes the world and plans.
func (p *pass) compute(ctx context.Context) (*plan.Plan, error) {
	ctx, planned := p.session.telemetry.Plan(ctx, p.fleet.Name)
	opts := p.opts
	opts.Target, opts.IgnoreQuota = p.session.config.Target, p.ignoreQuota
	opts.Created = p.creations().list()
	world, err := observe.Observe(ctx, p.session.Client, p.fleet, opts)
	if err != nil {
		planned(nil, err)
		return nil, err
	}
	pl := plan.Compute(p.fleet, world, opts)
	p.locate(pl, world)
	planned(pl, nil)
	if pl.Refused != nil {
		return nil, invalid("%w", pl.Refused)
	}
	if p.drift || pl.Empty() {
		return pl, nil
	}
	return pl, apply.Preflight(ctx, p.session.Client, p.fleet, world, pl, p.session.config.Target)
}

// run makes the pass.
func (p *pass) run(ctx context.Context) error {
	return p.recorded(ctx, func() error {
		pl, err := p.compute(ctx)
		if err != nil {
			return err
		}
		if p.held != nil {
			p.held.hold(p.fleet, pl)
		}
		return p.proceed(ctx, pl)
	})
}

// proceed shows a plan, asks, and carries it out.
func (p *pass) proceed(ctx context.Context, pl *plan.Plan) error {
	if p.quiet && (pl.Empty() || p.allSaid(pl)) {
		return nil
	}
	if p.printsText() {
		fmt.Fprint(p.Out, p.text(pl))
	}
	p.said = p.text(pl)
	blocked := len(pl.Blocked())
	switch unset := append(slices.Clone(p.fleet.UnsetInHooks()), pl.Unset...); {
	case pl.Empty():
		return p.report(pl, &apply.Report{})
	case len(unset) > 0: // hooks need them
		return p.reported(pl, unset)
	case blocked > 0 && !p.skipBlocked:
		return p.refuse(pl, "%s blocked: nothing was sent. Resolve what is blocked, or apply the rest with --skip-blocked", are(blocked))
	case blocked == changing(pl):
		return p.refuse(pl, "all that there is to do is blocked: nothing was sent")
	case len(pl.Held()) == changing(pl):
		return p.refuse(pl, "all that there is to do is blocked, or waits for what is: nothing was sent")
	}
	if err := p.able(pl); err != nil {
		return err
	}
	if err := p.approve(ctx, pl); err != nil {
		return err
	}
	return p.carryOut(ctx, pl)
}

// text is the plan as it is shown.
func (p *pass) text(pl *plan.Plan) string {
	var b strings.Builder
	render.Plan(&b, p.presentable(pl), p.styleOf(p.Out))
	return b.String()
}

// allSaid reports whether all that there is to do is blocked, or waits for what
// is, as it was the last time.
func (p *pass) allSaid(pl *plan.Plan) bool {
	return len(pl.Held()) == changing(pl) && p.text(pl) == p.said
}

func are(n int) string { return plan.Plural(n, "step is", "steps are") }

// changing counts the steps that do something.
func changing(pl *plan.Plan) int {
	n := 0
	for _, s := range pl.Steps {
		if s.Action != plan.NoOp {
			n++
		}
	}
	return n
}

// refuse carries nothing out, and tells so in every form that was asked for.
func (p *pass) refuse(pl *plan.Plan, format string, args ...any) error {
	return p.reported(pl, refused(format, args...))
}

// reported is the error of a plan that is not carried out, which is told in
// every form that was asked for.
func (p *pass) reported(pl *plan.Plan, err error) error {
	r := &apply.Report{}
	for _, s := range pl.Steps {
		if s.Action != plan.NoOp {
			r.Results = append(r.Results, apply.Result{Step: s, Outcome: apply.Skipped, Err: err})
		}
	}
	if told := p.tellRefused(pl, r); told != nil {
		return errors.Join(err, told)
	}
	return err
}

// approve asks for consent, unless it was given.
func (p *pass) approve(ctx context.Context, pl *plan.Plan) error {
	if p.approved != "" {
		return p.approves(pl)
	}
	if p.yes || pl.OnlyWaits() {
		return nil
	}
	if _, ok := p.terminal(p.In); !ok {
		how := "--yes"
		if p.approvable {
			how += ", or --approve and its digest"
		}
		return p.refuse(pl, "there is no terminal to ask at: nothing was sent. Approve the plan with %s", how)
	}
	if !p.printsText() { // who is asked has to see the plan
		fmt.Fprint(p.Err, p.text(pl))
	}
	fmt.Fprintln(p.Err)
	render.WriteHeading(p.Err, pl, p.styleOf(p.Err))
	fmt.Fprintf(p.Err, "%s%s ", render.Losses(pl), p.question)
	answer, err := p.answers(ctx).next()
	if ctx.Err() != nil {
		fmt.Fprintln(p.Err)
		return p.reported(pl, p.interrupted("nothing was sent"))
	}
	if err != nil || answer != p.expected {
		fmt.Fprintln(p.Err)
		return p.refuse(pl, "not approved: nothing was sent")
	}
	return nil
}

// carryOut applies the plan and tells how it went.
func (p *pass) carryOut(ctx context.Context, pl *plan.Plan) error {
	if err := p.before(ctx, pl); err != nil {
		return p.reported(pl, fmt.Errorf("%w; nothing was sent", err))
	}
	if err := p.openEvents(pl); err != nil {
		return err
	}
	stop, end := p.interrupt.gently()
	defer end()
	shown, endShow := p.show(pl)
	defer endShow()
	ctx, observed := p.session.telemetry.Apply(ctx, pl)
	report := apply.Run(ctx, p.session.Client, pl, apply.Options{
		Parallelism: int(p.parallelism), Target: p.session.config.Target, Stop: stop, Grace: p.grace, Logs: true,
		Environment: p.hookEnvironment(p.fleet), Trace: observed.Trace(), Creating: p.creations().note,
	}, func(e apply.Event) {
		observed.Event(e)
		shown(e)
		p.event(e)
	})
	observed.End(report)
	endShow()
	p.creations().forget(report)
	if p.held != nil {
		p.held.note(p.fleet, report)
	}
	failed := p.after(ctx, report)
	err := p.report(pl, report)
	if failed != nil && err != nil {
		p.note("fleet: %v", failed)
		return err
	}
	return cmp.Or(err, failed)
}

// report tells how a run ended, by output and by exit code.
func (p *pass) report(pl *plan.Plan, r *apply.Report) error {
	if p.printsText() && len(r.Results) > 0 {
		render.WriteHeading(p.Out, pl, p.styleOf(p.Out))
		render.Report(p.Out, p.presentableReport(r), p.styleOf(p.Out))
	}
	if err := p.tellReport(pl, r); err != nil {
		return err
	}
	return p.verdict(r)
}

// verdict is the exit code of a run.
func (p *pass) verdict(r *apply.Report) error {
	code := codeError
	for _, x := range r.Results {
		switch client.ClassOf(x.Err) {
		case client.Unauthorized, client.Forbidden, client.Suspended:
			code = codeAuth
		}
	}
	if r.Partly() {
		code = codePartly
	}
	switch {
	case r.Interrupted && p.interrupt.number() != 0:
		return &exit{codeSignal + p.interrupt.number(), errors.New("interrupted; the next run goes on from here")}
	case !r.OK():
		return &exit{code, nil}
	}
	return nil
}

// outputFlag declares -o for text and JSON.
func (a *app) outputFlag(cmd *cobra.Command, into *string) { a.formatFlag(cmd, into, "text", "json") }

// formatFlag declares -o for some formats, of which the first is the default.
func (a *app) formatFlag(cmd *cobra.Command, into *string, formats ...string) {
	cmd.Flags().StringVarP(into, "output", "o", formats[0], "output format: "+plan.Choice(formats))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)) // fails only for flags that do not exist
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, *into) {
			return invalid("unknown output format %q; known are %s", *into, plan.Listing(formats))
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// begin loads the spec and opens the client, in this order: a wrong spec needs
// no credentials to be told.
func (a *app) begin(ctx context.Context) (*spec.Fleet, *session, error) {
	f, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	a.remark(f)
	s, err := a.open(ctx)
	return f, s, err
}

// remark says that there are warnings about the spec.
func (a *app) remark(f *spec.Fleet) {
	if n := f.Warnings.Warnings(); n > 0 {
		a.note("%s in the spec; run `fleet validate` for details.", plan.Plural(n, "warning", "warnings"))
	}
}
