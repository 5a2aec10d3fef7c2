package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestWriteNew: a file that exists is kept, and no temporary file remains.
func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "new.yaml")
	if err := writeNew(file, []byte("first"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(file, []byte("second"), 0o644); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that it exists", err)
	}
	if text, err := os.ReadFile(file); string(text) != "first" || err != nil {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("the directory has %v, %v", entries, err)
	}
}

// TestReplacePrivate: the old file stays if the new one cannot be moved into
// place.
func TestReplacePrivate(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no")
	if err := writeAndMove(file, writes([]byte("new")), PrivateMode, func(string, string) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(file); string(text) != "old" {
		t.Errorf("the file holds %q", text)
	}
	if err := replacePrivate(file, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(file); string(text) != "new" {
		t.Errorf("the file holds %q", text)
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("the directory has %v, %v", entries, err)
	}
}
