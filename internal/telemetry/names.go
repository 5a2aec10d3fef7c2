package telemetry

import "go.opentelemetry.io/otel/attribute"

// instrumentationScope is the name of the instrumentation in spans and metrics.
const instrumentationScope = "fleet"

// Attributes. Those without the prefix fleet follow the semantic conventions.
const (
	attrFleet     = attribute.Key("fleet.name")
	attrAddress   = attribute.Key("fleet.address")
	attrAction    = attribute.Key("fleet.action")
	attrOutcome   = attribute.Key("fleet.outcome")
	attrCause     = attribute.Key("fleet.cause")
	attrRateClass = attribute.Key("fleet.rate_class")

	attrMethod   = attribute.Key("http.request.method")
	attrTemplate = attribute.Key("url.template")
	attrURL      = attribute.Key("url.full")
	attrServer   = attribute.Key("server.address")
	attrPort     = attribute.Key("server.port")
	attrStatus   = attribute.Key("http.response.status_code")
	attrResends  = attribute.Key("http.request.resend_count")
	attrError    = attribute.Key("error.type")
	attrService  = attribute.Key("service.name")
	attrVersion  = attribute.Key("service.version")
)

// stepsAttr returns the attribute with the number of steps of a plan that have an
// action, or of a run that have an outcome.
func stepsAttr(of string, n int) attribute.KeyValue { return attribute.Int("fleet.steps."+of, n) }
