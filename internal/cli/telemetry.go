package cli

import (
	"context"

	"fleet/internal/telemetry"
)

// observe starts the telemetry that the environment asks for. What goes wrong
// with it is told and stops nothing. end hands over what was gathered.
func (a *app) observe(ctx context.Context) (t *telemetry.Telemetry, end func()) {
	tell := func(err error) {
		if err != nil {
			a.note("fleet: telemetry: %v", err)
		}
	}
	t, err := telemetry.Start(ctx, a.Lookup, Version())
	tell(err)
	return t, func() { tell(t.Close()) }
}
