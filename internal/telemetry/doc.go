// Package telemetry tells an OpenTelemetry collector what fleet does: a span
// for each plan, each run, each step and each attempt at a request, and
// metrics of requests and steps. It watches what others do and changes
// nothing of it. docs/telemetry.md lists all names.
//
// It is the only package that knows OpenTelemetry. Switched off it is a nil
// *Telemetry, whose methods do nothing.
package telemetry
