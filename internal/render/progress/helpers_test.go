package progress

import (
	"testing"

	"fleet/internal/render/rendertest"
)

var (
	golden  = rendertest.Golden
	step    = rendertest.Step
	with    = rendertest.With
	because = rendertest.Because
	blocked = rendertest.Blocked
	kept    = rendertest.Retained
	loses   = rendertest.Loses
	changes = rendertest.Changes
	verbs   = rendertest.Verbs
	all     = rendertest.All
	plural  = rendertest.Plan

	uncoloured = rendertest.Uncoloured

	working = rendertest.Working
	ended   = rendertest.Ended
	aRun    = rendertest.Run
)

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	rendertest.Same(t, what, got, want)
}
