package telemetry

import (
	"context"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"fleet/apply"
	"fleet/plan"
)

// Plan begins the span of a plan. The requests for it are sent with the
// returned context; the returned function ends the span with what came of it.
func (t *Telemetry) Plan(ctx context.Context, fleet string) (context.Context, func(*plan.Plan, error)) {
	if t == nil {
		return ctx, unobserved
	}
	ctx, span := t.tracer.Start(ctx, "fleet.plan", trace.WithAttributes(attrFleet.String(fleet)))
	return ctx, func(p *plan.Plan, err error) {
		defer span.End()
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
			return
		}
		n := map[plan.Action]int{}
		for _, s := range p.Steps {
			n[s.Action]++
		}
		for action, n := range n {
			span.SetAttributes(steps(action.String(), n))
		}
		span.SetAttributes(steps("blocked", len(p.Blocked())))
	}
}

func unobserved(*plan.Plan, error) {}

// A Run observes how a plan is carried out. The nil *Run observes nothing.
type Run struct {
	t    *Telemetry
	ctx  context.Context // that of the run's span, of which those of the steps are children
	span trace.Span

	mu    sync.Mutex // events come from one goroutine, Trace is called in many
	steps map[*plan.Step]trace.Span
}

// Apply begins the span of a run, which has to use the returned context.
func (t *Telemetry) Apply(ctx context.Context, p *plan.Plan) (context.Context, *Run) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(ctx, "fleet.apply", trace.WithAttributes(attrFleet.String(p.Fleet)))
	return ctx, &Run{t: t, ctx: ctx, span: span, steps: map[*plan.Step]trace.Span{}}
}

// Trace is for the options of the run: it makes what a step sends a child of
// its span. It is nil when there is nothing to observe.
func (r *Run) Trace() func(context.Context, *plan.Step) context.Context {
	if r == nil {
		return nil
	}
	return func(ctx context.Context, s *plan.Step) context.Context {
		return trace.ContextWithSpan(ctx, r.begin(s))
	}
}

// begin is the span of a step, which begins when it is first asked for.
func (r *Run) begin(s *plan.Step) trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	span := r.steps[s]
	if span == nil {
		_, span = r.t.tracer.Start(r.ctx, "fleet.step",
			trace.WithAttributes(attrAddress.String(s.Address.String()), attrAction.String(s.Action.String())))
		r.steps[s] = span
	}
	return span
}

// Event takes in an event of the run: a step's span ends with its final one.
func (r *Run) Event(e apply.Event) {
	if r == nil {
		return
	}
	switch e.Phase {
	case apply.Working:
		r.begin(e.Step)
	case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted:
		r.end(e)
	}
}

func (r *Run) end(e apply.Event) {
	span := r.begin(e.Step)
	outcome := attrOutcome.String(string(e.Phase))
	span.SetAttributes(outcome)
	switch e.Phase {
	case apply.Failed, apply.Interrupted:
		span.SetStatus(codes.Error, e.Err.Error())
	}
	span.End()
	if e.Phase != apply.Skipped { // which took no time
		r.t.meters.steps.Record(trace.ContextWithSpan(r.ctx, span), e.Took.Seconds(),
			metric.WithAttributes(attrAction.String(e.Step.Action.String()), outcome))
	}
}

// End ends the span of the run with its report.
func (r *Run) End(report *apply.Report) {
	if r == nil {
		return
	}
	for _, outcome := range []apply.Phase{apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack} {
		r.span.SetAttributes(steps(strings.ReplaceAll(string(outcome), " ", "_"), report.Count(outcome)))
	}
	if !report.OK() {
		r.span.SetStatus(codes.Error, "not everything was done")
	}
	r.span.End()
}
