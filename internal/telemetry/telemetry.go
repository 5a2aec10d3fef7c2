package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// shutdownTimeout is how long the end of a command may wait for the collector.
const shutdownTimeout = 2 * time.Second

// Telemetry observes one command. The nil *Telemetry observes nothing. Its
// methods may be called concurrently.
type Telemetry struct {
	tracer       trace.Tracer
	instruments  instruments
	exportErrors *exportErrors
	shutdowns    []func(context.Context) error
}

// Start begins to export what the environment asks for; where it asks for
// nothing, the result is nil. No collector has to be there. lookup is asked
// for the switches; the exporters read the rest of the standard variables from
// the environment of the process. An error says that an exporter cannot be
// made as the environment wants it; the command can do without.
func Start(ctx context.Context, lookup func(string) (string, bool), version string) (*Telemetry, error) {
	on := signalsFromEnv(lookup)
	if on == (signals{}) {
		return nil, nil
	}
	return newExporting(ctx, on, newResource(ctx, lookup, version), version)
}

// newTelemetry makes a Telemetry of providers.
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

// Close hands over what is left, for two seconds at most, and tells the first
// thing that went wrong since Start.
func (t *Telemetry) Close() error {
	if t == nil {
		return nil
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
