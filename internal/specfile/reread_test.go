//go:build unix

package specfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReread: a named file that has become a pipe, a device, a socket or a directory is
// refused at once. A pipe that was read before is not read again.
func TestReread(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Context: t.Context(), Reread: true, Pipes: map[string][]byte{}}
	for file, want := range map[string]string{
		pipe:        pipe + ": a pipe, not a regular file; put a file in its place: pipes are read once, at the start",
		"/dev/zero": "/dev/zero: a device, not a regular file; put a file in its place: pipes are read once, at the start",
		dir:         "reading the spec: read " + dir + ": is a directory",
	} {
		if _, err := o.Read(file, true); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
	if _, err := o.Read(pipe, false); err == nil || !strings.HasSuffix(err.Error(), "only paths of the command line may be pipes") {
		t.Errorf("a path of a spec: %v", err)
	}
	o.Pipes[pipe] = []byte("text")
	if text, err := o.Read(pipe, true); string(text) != "text" || err != nil {
		t.Errorf("a pipe that was read: %q, %v", text, err)
	}
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pipe, []byte("file"), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(o.Pipes, pipe)
	if text, err := o.Read(pipe, true); string(text) != "file" || err != nil {
		t.Errorf("a file: %q, %v", text, err)
	}
}
