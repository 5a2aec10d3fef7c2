package cli

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReadNamedEnds checks that a pipe that nobody writes to does not hold up a
// command that is interrupted.
func TestReadNamedEnds(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readEnvFile(ctx, pipe); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w, err := syscall.Open(pipe, syscall.O_RDWR, 0) // lets the reader go
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Close(w); err != nil {
		t.Fatal(err)
	}
}
