//go:build unix

package buildcontext

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe without a writer must not be opened: that would wait for ever.
func TestSpecialFiles(t *testing.T) {
	root := tree(t, map[string]string{"a": "", "l": "-> d/pipe", "d/x": ""})
	check(t, syscall.Mkfifo(filepath.Join(root, "d/pipe"), 0o644))
	l, err := net.Listen("unix", filepath.Join(root, "s"))
	if err != nil {
		t.Skipf("sockets: %v", err)
	}
	defer l.Close()
	_, err = NewHasher(Options{}).Hash(t.Context(), Source{Root: root})
	if got := reasonsOf(root, err); got != "d/pipe special, l special, s special" {
		t.Errorf("got %q", got)
	}
	_, err = NewHasher(Options{}).Hash(t.Context(), Source{Root: root, Path: "d/pipe", Archive: "p"})
	if got := reasonsOf(root, err); got != "d/pipe special" {
		t.Errorf("got %q", got)
	}
	write(t, root, ".dockerignore", "d/pipe\nl\ns\n.d*")
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	if m := manifestOf(t, c.Source(".")); paths(m) != "a d/x" {
		t.Errorf("got %q", paths(m))
	}
	check(t, os.Remove(filepath.Join(root, ".dockerignore")))
	check(t, syscall.Mkfifo(filepath.Join(root, ".dockerignore"), 0o644))
	if _, err := new(Inputs).OpenContext(root, ""); err == nil {
		t.Error("a pipe is read as an ignore file")
	}
}

// A file that becomes a pipe after the scan must not be opened either.
func TestFileBecomesPipe(t *testing.T) {
	root := tree(t, map[string]string{"a": "", "b": "1"})
	m := manifestOf(t, Source{Root: root})
	check(t, os.Remove(filepath.Join(root, "b")))
	check(t, syscall.Mkfifo(filepath.Join(root, "b"), 0o644))
	if err := drain(m); reasonsOf(root, err) != "b changed" {
		t.Errorf("got %v", err)
	}
}
