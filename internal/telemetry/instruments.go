package telemetry

import "go.opentelemetry.io/otel/metric"

// instruments are the metrics that fleet records.
type instruments struct {
	requests metric.Int64Counter
	limited  metric.Int64Counter
	latency  metric.Float64Histogram
	steps    metric.Float64Histogram
}

// The bounds of the histograms in seconds. An attempt times out after 90 seconds,
// and a step after minutes.
var (
	latencyBounds = []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90}
	stepBounds    = []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1800}
)

func newInstruments(m metric.Meter) (made instruments, err error) {
	if made.requests, err = m.Int64Counter("fleet.requests", metric.WithUnit("{request}"),
		metric.WithDescription("Attempts at requests, by rate limit class and status")); err != nil {
		return made, err
	}
	if made.limited, err = m.Int64Counter("fleet.requests.limited", metric.WithUnit("{request}"),
		metric.WithDescription("Attempts that a rate limit refused (429)")); err != nil {
		return made, err
	}
	if made.latency, err = m.Float64Histogram("http.client.request.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of an attempt, without waiting for a rate limit"),
		metric.WithExplicitBucketBoundaries(latencyBounds...)); err != nil {
		return made, err
	}
	made.steps, err = m.Float64Histogram("fleet.step.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of a started step, including waits"),
		metric.WithExplicitBucketBoundaries(stepBounds...))
	return made, err
}
