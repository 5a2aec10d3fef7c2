package hook

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun(t *testing.T) {
	for _, c := range []struct {
		line  string
		lines []string
		wrong string
	}{
		{"echo a; echo b >&2", []string{"a", "b"}, ""},
		{"printf 'no end'", []string{"no end"}, ""},
		{"echo $FLEET_NAME; exit 3", []string{"demo"}, "exit code 3"},
		{"printf 'a\\377b\\n'", []string{"a?b"}, ""},
		{"kill -9 $$", nil, "signal: killed"},
		{"nonsense-command", nil, "exit code 127"},
		{"head -c 10000 /dev/zero | tr '\\0' x; echo; echo after", []string{strings.Repeat("x", maxLineLength), "after"}, ""},
	} {
		var lines []string
		err := Run(t.Context(), c.line, []string{"PATH=" + os.Getenv("PATH"), "FLEET_NAME=demo"}, time.Minute, func(s string) { lines = append(lines, s) })
		wrong := ""
		if err != nil {
			wrong = err.Error()
		}
		if wrong != c.wrong || c.wrong != "exit code 127" && !slices.Equal(lines, c.lines) {
			t.Errorf("%s: %q, error %q; want %q, error %q", c.line, lines, wrong, c.lines, c.wrong)
		}
	}
}

// TestRunEnds: a command that takes too long is ended with all that it started.
func TestRunEnds(t *testing.T) {
	err := Run(t.Context(), "(sleep 60; echo late) & wait", os.Environ(), 100*time.Millisecond, func(string) {})
	if err == nil || err.Error() != "timed out after 100ms" {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = Run(ctx, "echo begun; sleep 60", os.Environ(), time.Hour, func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
