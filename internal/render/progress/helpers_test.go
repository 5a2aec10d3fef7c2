package progress

import (
	"testing"

	"fleet/internal/render/rendertest"
)

var (
	golden  = rendertest.Golden
	step    = rendertest.Step
	with    = rendertest.With
	blocked = rendertest.Blocked
	working = rendertest.Working
	ended   = rendertest.Ended
	aRun    = rendertest.Run
)

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	rendertest.Same(t, what, got, want)
}
