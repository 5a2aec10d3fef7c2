package telemetry

import (
	"context"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
)

// Delays of retries, which must fit into shutdownTimeout.
const (
	initialRetryDelay = 200 * time.Millisecond
	maxRetryDelay     = time.Second
)

// newExporting returns a Telemetry that exports over OTLP.
func newExporting(ctx context.Context, on signals, res *resource.Resource, version string) (*Telemetry, error) {
	// The default logger writes to standard error, and its messages contain
	// variables with credentials.
	otel.SetLogger(logr.Discard())
	var shutdowns []func(context.Context) error
	var traces trace.TracerProvider = notrace.NewTracerProvider()
	var metrics metric.MeterProvider = nometric.NewMeterProvider()
	if on.traces {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: initialRetryDelay, MaxInterval: maxRetryDelay, MaxElapsedTime: shutdownTimeout,
		}))
		if err != nil {
			return nil, err
		}
		provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
		// The exporter too: a provider whose shutdown times out does not stop its export.
		shutdowns = append(shutdowns, provider.Shutdown, exporter.Shutdown)
		traces = provider
	}
	if on.metrics {
		exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{
			Enabled: true, InitialInterval: initialRetryDelay, MaxInterval: maxRetryDelay, MaxElapsedTime: shutdownTimeout,
		}))
		if err != nil {
			return nil, err
		}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)), sdkmetric.WithResource(res))
		shutdowns = append(shutdowns, provider.Shutdown)
		metrics = provider
	}
	t, err := newTelemetry(traces, metrics, version)
	if err != nil {
		return nil, err
	}
	t.shutdowns = shutdowns
	otel.SetErrorHandler(t.exportErrors)
	return t, nil
}

// newResource returns the attributes of fleet. Those of the environment take
// precedence.
func newResource(ctx context.Context, lookup func(string) (string, bool), version string) *resource.Resource {
	about := []resource.Option{
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attrService.String(instrumentationScope), attrVersion.String(version)),
		resource.WithFromEnv(),
	}
	if name, _ := lookup("OTEL_SERVICE_NAME"); name != "" {
		about = append(about, resource.WithAttributes(attrService.String(name)))
	}
	res, err := resource.New(ctx, about...)
	if err != nil || res == nil { // it cannot read OTEL_RESOURCE_ATTRIBUTES
		return resource.NewSchemaless([]attribute.KeyValue{attrService.String(instrumentationScope), attrVersion.String(version)}...)
	}
	return res
}
