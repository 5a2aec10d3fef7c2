// Package telemetry exports traces and metrics to an OpenTelemetry collector: a
// span for each command, pass, plan, run, step and attempt at a request, and metrics of requests
// and steps. It only observes. docs/telemetry.md lists all names.
//
// It is the only package that depends on OpenTelemetry. If nothing is exported,
// the *Telemetry is nil, and its methods do nothing.
package telemetry
