package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// shutdownTimeout is the time that Close waits for the collector.
const shutdownTimeout = 2 * time.Second

// Telemetry observes one command. The nil *Telemetry observes nothing. Its
// methods may be called concurrently.
type Telemetry struct {
	tracer       trace.Tracer
	instruments  instruments
	exportErrors *exportErrors
	command      trace.Span // of the command, until Close; nil for none
	shutdowns    []func(context.Context) error
}

// Start starts the export that the environment asks for, and returns nil if it asks
// for none. It does not connect to the collector. All spans until Close are part of the
// trace that the environment names in TRACEPARENT, or else of a new one. lookup reads the
// variables that switch the export on, and TRACEPARENT; the exporters read the other standard variables from the
// environment of the process. An error names all variables that are invalid, or that
// fleet does not support; the command works without telemetry.
func Start(ctx context.Context, lookup func(string) (string, bool), version string) (*Telemetry, error) {
	on := signalsFromEnv(lookup)
	if on == (signals{}) {
		return nil, nil
	}
	if err := checkSettings(on, lookup); err != nil {
		return nil, err
	}
	t, err := newExporting(ctx, on, newResource(ctx, lookup, version), version)
	if err == nil {
		t.startCommand(ctx, lookup)
	}
	return t, err
}

// newTelemetry returns a Telemetry that uses the given providers.
func newTelemetry(traces trace.TracerProvider, metrics metric.MeterProvider, version string) (*Telemetry, error) {
	m, err := newInstruments(metrics.Meter(instrumentationScope, metric.WithInstrumentationVersion(version)))
	if err != nil {
		return nil, err
	}
	return &Telemetry{
		tracer:       traces.Tracer(instrumentationScope, trace.WithInstrumentationVersion(version)),
		instruments:  m,
		exportErrors: &exportErrors{},
	}, nil
}

// Close exports pending data, for at most two seconds, and returns the first error
// of exporting since Start.
func (t *Telemetry) Close() error {
	if t == nil {
		return nil
	}
	if t.command != nil {
		t.command.End()
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	for _, end := range t.shutdowns {
		if err := end(ctx); errors.Is(err, context.DeadlineExceeded) {
			t.exportErrors.Handle(errCollectorTimeout)
		} else if err != nil {
			t.exportErrors.Handle(err)
		}
	}
	return t.exportErrors.first()
}
