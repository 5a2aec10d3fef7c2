package cli

import (
	"context"

	"fleet/internal/telemetry"
)

// startTelemetry starts the telemetry that the environment asks for. What goes wrong
// with it is told and stops nothing. end hands over what was gathered.
func (a *app) startTelemetry(ctx context.Context) (t *telemetry.Telemetry, end func()) {
	noteError := func(err error) {
		if err != nil {
			a.note("fleet: telemetry: %v", err)
		}
	}
	t, err := telemetry.Start(ctx, a.Lookup, Version())
	noteError(err)
	return t, func() { noteError(t.Close()) }
}
