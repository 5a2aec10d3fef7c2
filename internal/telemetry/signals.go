package telemetry

import "strings"

// signals are the kinds of data that are exported.
type signals struct{ traces, metrics bool }

// signalsFromEnv returns what the environment switches on. The endpoint of one
// signal switches on that signal; the other variables switch on both.
func signalsFromEnv(lookup func(string) (string, bool)) signals {
	value := func(name string) string {
		v, _ := lookup(name)
		return v
	}
	if strings.EqualFold(value("OTEL_SDK_DISABLED"), "true") {
		return signals{}
	}
	both := value("DAYTONA_OTEL_ENABLED") == "true" || value("OTEL_EXPORTER_OTLP_ENDPOINT") != ""
	return signals{
		traces:  (both || value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "") && value("OTEL_TRACES_EXPORTER") != "none",
		metrics: (both || value("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") != "") && value("OTEL_METRICS_EXPORTER") != "none",
	}
}
