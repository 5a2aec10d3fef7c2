package crd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Generate returns the generated files by path, relative to dir, which is the directory of
// the operator. It writes nothing there.
func Generate(ctx context.Context, dir string) (map[string][]byte, error) {
	base, err := controllerGen(ctx, dir)
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
	template, err := chartTemplate(definition)
	return map[string][]byte{File: definition, Template: template, Reference: page}, err
}

// chartTemplate returns the definition as a template of the chart. Helm keeps it when the
// release is uninstalled.
func chartTemplate(definition []byte) ([]byte, error) {
	var d schema
	if err := yaml.Unmarshal(definition, &d); err != nil {
		return nil, err
	}
	annotations := at(d, "metadata", "annotations")
	if annotations == nil {
		annotations = schema{}
		at(d, "metadata")["annotations"] = annotations
	}
	annotations["helm.sh/resource-policy"] = "keep"
	text, err := yaml.Marshal(d)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(text, []byte("{{")) {
		return nil, errors.New("the definition contains {{, which a template would evaluate")
	}
	return slices.Concat([]byte("{{- if .Values.crds.install }}\n"), text, []byte("{{- end }}\n")), nil
}

// controllerGen returns the definition that controller-gen derives from the Go types.
func controllerGen(ctx context.Context, dir string) ([]byte, error) {
	out, err := os.MkdirTemp("", "fleet-crd-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(out) }() // the system cleans its temporary directory
	cmd := exec.CommandContext(ctx, "go", "tool", "-modfile=internal/tools/go.mod", "controller-gen",
		"crd", "paths=./api/...", "output:crd:dir="+out)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("controller-gen: %w: %s", err, strings.TrimSpace(string(text)))
	}
	return os.ReadFile(filepath.Join(out, filepath.Base(File)))
}
