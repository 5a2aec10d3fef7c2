package main

import (
	"bytes"
	"os"
	"testing"
)

// TestGeneratedFilesAreCurrent compares the committed files with newly generated ones.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Chdir("../..")
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go generate ./...", name)
		}
	}
}
