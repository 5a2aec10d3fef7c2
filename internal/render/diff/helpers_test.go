package diff

import (
	"testing"

	"fleet/internal/render/rendertest"
)

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	rendertest.Same(t, what, got, want)
}
