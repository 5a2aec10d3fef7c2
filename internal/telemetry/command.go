package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// callerContext returns a context with the span that the environment names in TRACEPARENT
// and TRACESTATE, the span of the program that started this one. Without a valid
// TRACEPARENT, it has none. BAGGAGE is ignored: nothing of it would be exported.
func callerContext(ctx context.Context, lookup func(string) (string, bool)) context.Context {
	carrier := propagation.MapCarrier{}
	for key, variable := range map[string]string{"traceparent": "TRACEPARENT", "tracestate": "TRACESTATE"} {
		if value, _ := lookup(variable); value != "" {
			carrier[key] = value
		}
	}
	return propagation.TraceContext{}.Extract(ctx, carrier)
}

// startCommand starts the span of the command, the parent of all spans that have no
// other. It ends in Close.
func (t *Telemetry) startCommand(ctx context.Context, lookup func(string) (string, bool)) {
	_, t.command = t.tracer.Start(callerContext(ctx, lookup), "fleet")
}

// withParent returns ctx with the span of the command, unless ctx has a span.
func (t *Telemetry) withParent(ctx context.Context) context.Context {
	if t.command == nil || trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, t.command)
}
