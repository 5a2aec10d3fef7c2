package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"fleet/internal/exit"
)

func testApp(t *testing.T) (*app, *bytes.Buffer) {
	a := newApp(Process{Lookup: func(string) (string, bool) { return "", false }})
	t.Cleanup(a.interrupt.Close)
	var stderr bytes.Buffer
	a.out, a.err = &bytes.Buffer{}, &stderr
	return a, &stderr
}

func TestExitCode(t *testing.T) {
	full, closed := errors.New("no space left"), fmt.Errorf("write: %w", syscall.EPIPE)
	for _, tt := range []struct {
		name          string
		err, writeErr error
		code          int
		printed       string // a part of standard error; empty if nothing is printed
	}{
		{"success", nil, nil, 0, ""},
		{"an error", errors.New("broken"), nil, 1, "fleet: broken\n"},
		{"a silent error", exit.Silent(exit.Differences), nil, 2, ""},
		{"a wrong flag", exit.Invalidf("--x"), nil, 3, "fleet: --x\n"},
		{"a full disk", nil, full, 1, "fleet: writing the output: no space left\n"},
		{"a full disk after differences", exit.Silent(exit.Differences), full, 1, "writing the output"},
		{"a full disk after an error", exit.Refusedf("no"), full, 5, "fleet: no\n"},
		{"a closed pipe", nil, closed, 141, ""},
		{"a closed pipe after differences", exit.Silent(exit.Differences), closed, 141, ""},
		{"a closed pipe that ended the command", closed, closed, 141, ""},
		{"a closed pipe after an error", exit.Refusedf("no"), closed, 5, "fleet: no\n"},
		{"canceled without a signal", context.Canceled, nil, 1, "fleet: context canceled\n"},
	} {
		a, stderr := testApp(t)
		code := a.exitCode(tt.err, tt.writeErr)
		if code != tt.code || (stderr.Len() > 0) != (tt.printed != "") || !strings.Contains(stderr.String(), tt.printed) {
			t.Errorf("%s: exit code %d, printed %q; want %d, %q", tt.name, code, stderr, tt.code, tt.printed)
		}
	}
}

func TestUnknownCommands(t *testing.T) {
	for name, want := range map[string]string{
		"ls": "did you mean status?", "up": "did you mean apply?", "aply": "did you mean apply?", "frobnicate": "see fleet --help",
	} {
		if code, _, stderr := run(t, name); code != exit.Invalid || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d: %s; want %q", name, code, stderr, want)
		}
	}
}

// TestFlagChecks: a value that a check refuses ends the command before it does
// anything.
func TestFlagChecks(t *testing.T) {
	for _, args := range [][]string{
		{"apply", "--grace", "-1s"},
		{"apply", "--allow-destroy", "-1"},
		{"apply", "--progress", "loud"},
		{"apply", "--progress", "tty"},
		{"apply", "--approve", "x"},
		{"apply", "--only", ""},
		{"apply", "--yes", "--approve", "sha256:" + strings.Repeat("0", 64)},
		{"plan", "--save", "/none/x"},
		{"plan", "--changed-since", ""},
		{"watch", "--interval", "-1s"},
		{"watch", "-f", "-"},
		{"status", "--last", "--all"},
		{"status", "x"},
		{"init", "--secrets", "omit"},
		{"init", "-f", "a", "-f", "b"},
		{"export", "--secrets", "clear"},
		{"export", "--secrets-file", "-"},
		{"export", "["},
		{"emulator", "--api-version", "1"},
		{"emulator", "--listen", "0.0.0.0:0"},
		{"emulator", "--fault", "x"},
	} {
		if code, stdout, stderr := run(t, args...); code != exit.Invalid || stdout != "" || !strings.HasPrefix(stderr, "fleet: ") {
			t.Errorf("%q: exit code %d: %s%s", args, code, stdout, stderr)
		}
	}
}
