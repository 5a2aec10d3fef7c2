package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// StartPass starts the trace of one pass of a watch, which lasts longer than a trace
// should: each pass has its own, with a link to the span of the command. The pass must
// use the returned context. cause is what triggered the pass; only the part before its
// first colon is exported. end ends the trace with the outcome of the pass, and its error
// if it failed.
func (t *Telemetry) StartPass(ctx context.Context, cause string) (passCtx context.Context, end func(outcome string, err error)) {
	if t == nil {
		return ctx, noopEndPass
	}
	kind, _, _ := strings.Cut(cause, ":")
	options := []trace.SpanStartOption{trace.WithNewRoot(), trace.WithAttributes(attrCause.String(kind))}
	if command := trace.SpanContextFromContext(t.withParent(ctx)); command.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: command}))
	}
	ctx, span := t.tracer.Start(ctx, "fleet.pass", options...)
	return ctx, func(outcome string, err error) {
		span.SetAttributes(attrOutcome.String(outcome))
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

func noopEndPass(string, error) {}
