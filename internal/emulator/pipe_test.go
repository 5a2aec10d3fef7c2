//go:build unix

package emulator

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestStateIsNoPipe checks that a pipe is refused as the state file.
func TestStateIsNoPipe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Key: "k", StateFile: file}); err == nil || !strings.Contains(err.Error(), file+" is a pipe, not a regular file") {
		t.Errorf("got %v", err)
	}
}
