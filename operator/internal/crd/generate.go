package crd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Generate returns the generated files by path, relative to dir, which is the directory of
// the operator. It writes nothing there.
func Generate(dir string) (map[string][]byte, error) {
	base, err := controllerGen(dir)
	if err != nil {
		return nil, err
	}
	definition, err := Complete(base)
	if err != nil {
		return nil, err
	}
	page, err := ReferencePage(definition)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{File: definition, Reference: page}, nil
}

// controllerGen returns the definition that controller-gen derives from the Go types.
func controllerGen(dir string) ([]byte, error) {
	out, err := os.MkdirTemp("", "fleet-crd-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	cmd := exec.Command("go", "tool", "-modfile=internal/tools/go.mod", "controller-gen",
		"crd", "paths=./api/...", "output:crd:dir="+out)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("controller-gen: %w: %s", err, strings.TrimSpace(string(text)))
	}
	return os.ReadFile(filepath.Join(out, filepath.Base(File)))
}
