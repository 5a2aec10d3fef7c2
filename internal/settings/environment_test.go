package settings

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReadFileEnds: a pipe without a writer does not block a
// command that is interrupted.
func TestReadFileEnds(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readFile(ctx, pipe); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w, err := syscall.Open(pipe, syscall.O_RDWR, 0) // ends the blocked reader
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Close(w); err != nil {
		t.Fatal(err)
	}
}
