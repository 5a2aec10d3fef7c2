package telemetry

import "go.opentelemetry.io/otel/attribute"

// instrumentationScope names who makes the spans and metrics.
const instrumentationScope = "fleet"

// Attributes. Those without fleet in front are of the semantic conventions.
const (
	attrFleet     = attribute.Key("fleet.name")
	attrAddress   = attribute.Key("fleet.address")
	attrAction    = attribute.Key("fleet.action")
	attrOutcome   = attribute.Key("fleet.outcome")
	attrRateClass = attribute.Key("fleet.rate_class")

	attrMethod  = attribute.Key("http.request.method")
	attrRoute   = attribute.Key("http.route")
	attrStatus  = attribute.Key("http.response.status_code")
	attrResends = attribute.Key("http.request.resend_count")
	attrError   = attribute.Key("error.type")
	attrService = attribute.Key("service.name")
	attrVersion = attribute.Key("service.version")
)

// stepsAttr is the attribute that counts the steps of a plan with an action, and
// of a run with an outcome.
func stepsAttr(of string, n int) attribute.KeyValue { return attribute.Int("fleet.steps."+of, n) }
