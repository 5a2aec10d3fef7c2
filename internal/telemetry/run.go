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

// StartPlan starts the span of a plan. Requests for the plan must use the returned
// context; the returned function ends the span with the plan or the error.
func (t *Telemetry) StartPlan(ctx context.Context, fleet string) (context.Context, func(*plan.Plan, error)) {
	if t == nil {
		return ctx, noopEndPlan
	}
	ctx, span := t.tracer.Start(t.withParent(ctx), "fleet.plan", trace.WithAttributes(attrFleet.String(fleet)))
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
			span.SetAttributes(stepsAttr(action.String(), n))
		}
		span.SetAttributes(stepsAttr("blocked", len(p.Blocked())))
	}
}

func noopEndPlan(*plan.Plan, error) {}

// A Run observes the run of a plan. The nil *Run observes nothing.
type Run struct {
	t    *Telemetry
	ctx  context.Context // has the span of the run, the parent of the spans of steps
	span trace.Span

	mu        sync.Mutex // Event is called from one goroutine, Trace from many
	stepSpans map[*plan.Step]trace.Span
}

// StartApply starts the span of a run, which must use the returned context.
func (t *Telemetry) StartApply(ctx context.Context, p *plan.Plan) (context.Context, *Run) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(t.withParent(ctx), "fleet.apply", trace.WithAttributes(attrFleet.String(p.Fleet)))
	return ctx, &Run{t: t, ctx: ctx, span: span, stepSpans: map[*plan.Step]trace.Span{}}
}

// Trace returns a function for the options of the run, which makes the requests of
// a step children of its span. It is nil if nothing is exported.
func (r *Run) Trace() func(context.Context, *plan.Step) context.Context {
	if r == nil {
		return nil
	}
	return func(ctx context.Context, s *plan.Step) context.Context {
		return trace.ContextWithSpan(ctx, r.stepSpan(s))
	}
}

// stepSpan returns the span of a step, and starts it at the first call.
func (r *Run) stepSpan(s *plan.Step) trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	span := r.stepSpans[s]
	if span == nil {
		_, span = r.t.tracer.Start(r.ctx, "fleet.step",
			trace.WithAttributes(attrAddress.String(s.Address.String()), attrAction.String(s.Action.String())))
		r.stepSpans[s] = span
	}
	return span
}

// Event records an event of the run. The final event of a step ends its span.
func (r *Run) Event(e apply.Event) {
	if r == nil {
		return
	}
	switch e.Phase {
	case apply.Working:
		r.stepSpan(e.Step)
	case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted:
		r.endStepSpan(e)
	}
}

func (r *Run) endStepSpan(e apply.Event) {
	span := r.stepSpan(e.Step)
	outcome := attrOutcome.String(string(e.Phase))
	span.SetAttributes(outcome)
	switch e.Phase {
	case apply.Failed, apply.Interrupted:
		span.SetStatus(codes.Error, e.Err.Error())
	}
	span.End()
	if e.Phase != apply.Skipped { // a skipped step has no duration
		r.t.instruments.steps.Record(trace.ContextWithSpan(r.ctx, span), e.Duration.Seconds(),
			metric.WithAttributes(attrAction.String(e.Step.Action.String()), outcome))
	}
}

// End ends the span of the run with the outcomes of its report.
func (r *Run) End(report *apply.Report) {
	if r == nil {
		return
	}
	for _, outcome := range []apply.Phase{apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack} {
		r.span.SetAttributes(stepsAttr(strings.ReplaceAll(string(outcome), " ", "_"), report.Count(outcome)))
	}
	if !report.OK() {
		r.span.SetStatus(codes.Error, "some steps were not done")
	}
	r.span.End()
}
