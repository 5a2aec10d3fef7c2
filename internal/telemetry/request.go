package telemetry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"fleet/client"
)

// Instrument returns the instrumentation for the configuration of a client, or nil
// if nothing is exported.
func (t *Telemetry) Instrument() func(http.RoundTripper) http.RoundTripper {
	if t == nil {
		return nil
	}
	return func(next http.RoundTripper) http.RoundTripper { return tracingTransport{next, t} }
}

// tracingTransport records a span for each attempt. It exports the method and the
// address of a request without ids and values, never queries, headers or bodies, and
// only the kind of an error: the client redacts error texts later.
type tracingTransport struct {
	next http.RoundTripper
	t    *Telemetry
}

func (o tracingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	attempt := client.AttemptFromContext(req.Context())
	requestAttrs := requestAttributes(req, attempt)
	ctx, span := o.t.tracer.Start(o.t.withParent(req.Context()), strings.TrimSpace(req.Method+" "+attempt.Route),
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(requestAttrs...),
		trace.WithAttributes(attrURL.String(publicURL(req.URL, attempt.Route, attempt.Class))))
	defer span.End()
	if attempt.Number > 1 {
		span.SetAttributes(attrResends.Int(attempt.Number - 1))
	}
	req = req.Clone(ctx)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(req.Header))
	start := time.Now()
	res, err := o.next.RoundTrip(req)
	result := resultAttributes(ctx, res, err)
	if err != nil || res.StatusCode >= http.StatusBadRequest {
		span.SetStatus(codes.Error, "")
	}
	span.SetAttributes(result...)
	o.t.instruments.recordAttempt(ctx, attempt.Class, time.Since(start), requestAttrs, result)
	return res, err
}

// requestAttributes returns the attributes of a request that have few values, for spans
// and metrics.
func requestAttributes(req *http.Request, attempt client.Attempt) []attribute.KeyValue {
	list := append([]attribute.KeyValue{attrMethod.String(req.Method)}, serverAttributes(req.URL, attempt.Class)...)
	if attempt.Route != "" {
		list = append(list, attrTemplate.String(attempt.Route))
	}
	return list
}

// resultAttributes returns the attributes for the result of an attempt.
func resultAttributes(ctx context.Context, res *http.Response, err error) []attribute.KeyValue {
	slow, ok := errors.AsType[net.Error](err)
	switch {
	case err != nil && ctx.Err() != nil:
		return []attribute.KeyValue{attrError.String("canceled")}
	case ok && slow.Timeout():
		return []attribute.KeyValue{attrError.String("timeout")}
	case err != nil:
		return []attribute.KeyValue{attrError.String("unreachable")}
	case res.StatusCode >= http.StatusBadRequest:
		return []attribute.KeyValue{attrStatus.Int(res.StatusCode), attrError.String(strconv.Itoa(res.StatusCode))}
	}
	return []attribute.KeyValue{attrStatus.Int(res.StatusCode)}
}

// recordAttempt records an attempt. about has the attributes of its request.
func (m instruments) recordAttempt(ctx context.Context, of client.RateClass, took time.Duration, about, result []attribute.KeyValue) {
	class := attrRateClass.String(string(of))
	m.latency.Record(ctx, took.Seconds(), metric.WithAttributes(about...), metric.WithAttributes(result...))
	m.requests.Add(ctx, 1, metric.WithAttributes(class), metric.WithAttributes(result...))
	if slices.Contains(result, attrStatus.Int(http.StatusTooManyRequests)) {
		m.limited.Add(ctx, 1, metric.WithAttributes(class))
	}
}
