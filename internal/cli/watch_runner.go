package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fleet/apply"
	"fleet/internal/exit"
	"fleet/internal/foreign"
	"fleet/internal/gitspec"
	"fleet/internal/journal"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/internal/watch/reconcile"
	"fleet/plan"
	"fleet/spec"
)

// A watchRunner makes and runs the plans of a watch, as fleet apply does.
type watchRunner struct {
	*planRun
	cache    observe.Cache
	revision string
	causes   string // of the pass that runs
	noted    bool   // the pass that runs was announced
	world    *plan.World
}

var _ reconcile.Runner = (*watchRunner)(nil)

// Load implements reconcile.Runner.
func (r *watchRunner) Load(ctx context.Context) error {
	r.app.specs.watched.returnToDir()
	f, err := r.app.load()
	r.app.specs.watched.watch(err == nil)
	if err != nil {
		r.app.printError(err)
		r.app.note("The spec is not valid; the last valid one stays in use.")
		return err
	}
	r.fleet = f
	r.setRevision(ctx)
	return nil
}

// revisionDigits is the length of a digest that names a version of a spec.
const revisionDigits = len("sha256:") + 12

// setRevision names the version of the spec.
func (r *watchRunner) setRevision(ctx context.Context) {
	r.revision = gitspec.Revision(ctx, r.app.flags.files[0])
	if r.revision == "" {
		r.revision = r.fleet.Fingerprint()[:revisionDigits]
	}
}

// Fleet implements reconcile.Runner.
func (r *watchRunner) Fleet() *spec.Fleet { return r.fleet }

// Revision implements reconcile.Runner.
func (r *watchRunner) Revision() string { return r.revision }

// Begin implements reconcile.Runner.
func (r *watchRunner) Begin(causes string, quiet bool) {
	r.causes, r.noted, r.quiet = causes, false, quiet
	if !quiet {
		r.announce()
	}
}

// announce notes the time and the causes of the pass, once.
func (r *watchRunner) announce() {
	if !r.noted {
		r.noted = true
		r.app.note("%s Reconciling (%s).", time.Now().Format(time.TimeOnly), r.causes)
	}
}

// Plan implements reconcile.Runner.
func (r *watchRunner) Plan(ctx context.Context, list bool, dirty []string) (w *plan.World, p *plan.Plan, err error) {
	r.record = record{start: time.Now()}
	r.cache.Mark(dirty...)
	p, err = r.computeBy(ctx, func(opts plan.Options) (*plan.World, *plan.Plan, error) {
		w, p, err = r.cache.Plan(ctx, r.session.Client, r.fleet, opts, list)
		r.world = w
		return w, p, err
	})
	if err != nil && ctx.Err() == nil {
		r.announce()
		r.app.printError(fmt.Errorf("%w (will be retried)", err))
		_ = r.endRecord(ctx, err)
	}
	return w, p, err
}

// Replan implements reconcile.Runner.
func (r *watchRunner) Replan(ctx context.Context, w *plan.World, allowDestroy int) (*plan.Plan, error) {
	opts := r.planOptions()
	opts.AllowDestroy = max(opts.AllowDestroy, allowDestroy)
	p, err := plan.Compute(r.fleet, w, opts)
	if err != nil {
		return nil, exit.Invalidf("%w", err)
	}
	return p, r.complete(ctx, w, p)
}

// Digest implements reconcile.Runner.
func (r *watchRunner) Digest(p *plan.Plan) string {
	if p.Empty() {
		return ""
	}
	r.savedPlan(p)
	return p.Digest
}

// Run implements reconcile.Runner.
func (r *watchRunner) Run(ctx context.Context, p *plan.Plan, longest time.Duration, onEvent func(apply.Event)) (report *apply.Report, err error) {
	r.longest = longest
	if p.Forecast != nil { // steps were held back since
		if err := r.complete(ctx, r.world, p); err != nil {
			return nil, err
		}
	}
	r.onEvent, r.onReport = onEvent, func(done *apply.Report) { report = done }
	if r.quiet && !p.Empty() && !r.alreadyShown(p) {
		r.announce()
	}
	err = r.endRecord(ctx, r.proceed(ctx, p))
	switch {
	case report != nil:
		r.cache.Ran(p, report.IDs()...)
	case len(p.BlockedBy()) == p.ChangeCount():
		return nil, nil // the plan shows what each step waits for
	}
	if err != nil && ctx.Err() == nil {
		r.app.printError(fmt.Errorf("%w (will be retried)", err))
	}
	return report, err
}

// Describe implements reconcile.Runner.
func (r *watchRunner) Describe(p *plan.Plan) (text string, steps []journal.Step) {
	shown := r.app.redactedPlan(p)
	var b strings.Builder
	render.Plan(&b, shown, render.Style{})
	for _, s := range shown.Steps {
		if s.Action == plan.NoOp {
			continue
		}
		x := journal.Step{Address: s.Address.String(), Action: s.Action.String(), Wave: s.Wave}
		if s.Blocked != nil {
			x.Text = r.Redact(s.Blocked.Reason)
		}
		steps = append(steps, x)
	}
	return r.Redact(b.String()), steps
}

// Redact implements reconcile.Runner.
func (r *watchRunner) Redact(text string) string {
	lines := strings.Split(string(r.app.redactor().Bytes([]byte(text))), "\n")
	for i, line := range lines {
		lines[i] = foreign.Escape(line)
	}
	return strings.Join(lines, "\n")
}

// Requests implements reconcile.Runner.
func (r *watchRunner) Requests() reconcile.Requests {
	stats := r.session.Stats()
	n := reconcile.Requests{ByClass: map[string]int{}, Limited: stats.RateLimited}
	for class, count := range stats.Requests {
		n.ByClass[string(class)] = count
	}
	return n
}

// Note implements reconcile.Runner.
func (r *watchRunner) Note(text string) {
	r.app.note("%s %s", time.Now().Format(time.TimeOnly), text)
}
