package exit

import (
	"errors"
	"fmt"
	"testing"

	"fleet/client"
	"fleet/internal/input"
	"fleet/spec"
)

func TestCode(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		code int
	}{
		{"none", nil, 0},
		{"any other", errors.New("x"), 1},
		{"silent", Silent(Differences), 2},
		{"flags", Invalidf("x"), 3},
		{"spec", spec.Diagnostics{{Message: "x"}}, 3},
		{"one diagnostic", &spec.Diagnostic{Message: "x"}, 3},
		{"configuration", &client.ConfigError{Problem: "x"}, 3},
		{"too large", &input.TooLargeError{}, 3},
		{"not regular", &input.NotRegularError{}, 3},
		{"guard", Refusedf("x"), 5},
		{"stale", Stalef("x"), 6},
		{"wrapped", fmt.Errorf("y: %w", Stalef("x")), 6},
		{"the first of a chain", &Error{Partly, Invalidf("x")}, 7},
	} {
		if code := Code(tt.err); code != tt.code {
			t.Errorf("%s: exit code %d, want %d", tt.name, code, tt.code)
		}
	}
}

func TestErrorText(t *testing.T) {
	for err, want := range map[error]string{
		Silent(2):                       "exit code 2",
		Invalidf("--x: %d", 3):          "--x: 3",
		Refusedf("%w", errors.New("a")): "a",
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
