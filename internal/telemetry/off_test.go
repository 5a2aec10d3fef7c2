package telemetry

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"fleet/apply"
	"fleet/plan"
)

// environment is a lookup of pairs of name and value.
func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestSwitches(t *testing.T) {
	both, none := signals{true, true}, signals{}
	for _, test := range []struct {
		want signals
		env  []string
	}{
		{none, nil},
		{none, []string{"DAYTONA_OTEL_ENABLED", "1"}},
		{none, []string{"DAYTONA_OTEL_ENABLED", "TRUE"}},
		{none, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}},
		{none, []string{"OTEL_SERVICE_NAME", "x"}},
		{both, []string{"DAYTONA_OTEL_ENABLED", "true"}},
		{both, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}},
		{signals{traces: true}, []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c"}},
		{signals{metrics: true}, []string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://c"}},
		{both, []string{"DAYTONA_OTEL_ENABLED", "true", "OTEL_SDK_DISABLED", "false"}},
		{none, []string{"DAYTONA_OTEL_ENABLED", "true", "OTEL_SDK_DISABLED", "true"}},
		{none, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_SDK_DISABLED", "True"}},
		{signals{traces: true}, []string{"DAYTONA_OTEL_ENABLED", "true", "OTEL_METRICS_EXPORTER", "none"}},
	} {
		if got := signalsFromEnv(environment(test.env...)); got != test.want {
			t.Errorf("%v: got %+v, want %+v", test.env, got, test.want)
		}
	}
}

func TestOffCostsNothing(t *testing.T) {
	running := goleak.IgnoreCurrent()
	nothing, ctx, p := environment(), context.Background(), &plan.Plan{}
	step := &plan.Step{}
	allocations := testing.AllocsPerRun(100, func() {
		off, err := Start(ctx, nothing, "1.2.3")
		if off != nil || err != nil || off.Instrument() != nil {
			t.Error("it is on")
		}
		ctx, ended := off.StartPass(ctx, "interval")
		ended("in sync", nil)
		ctx, planned := off.StartPlan(ctx, "shop")
		planned(p, nil)
		ctx, run := off.StartApply(ctx, p)
		if ctx != context.Background() || run.Trace() != nil {
			t.Error("it observes")
		}
		run.Event(apply.Event{Phase: apply.Working, Step: step})
		run.Event(apply.Event{Phase: apply.Done, Step: step})
		run.End(nil)
		if off.Close() != nil {
			t.Error("it fails")
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
	goleak.VerifyNone(t, running)
}
