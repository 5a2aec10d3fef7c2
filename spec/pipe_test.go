//go:build unix

package spec

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipesInSpec checks that no key of a spec makes fleet read a pipe or a device,
// whose writer may never come or never end.
func TestPipesInSpec(t *testing.T) {
	const top = "version: 1\nname: demo\n"
	for key, text := range map[string]string{
		"include":            top + "include: odd\n",
		"include in a list":  top + "include: [odd]\n",
		"environment":        top + "environments: {prod: odd}\n",
		"from_file":          top + "sandboxes: {a: {env_vars: {A: {from_file: odd}}}}\n",
		"from_file with key": top + "sandboxes: {a: {env_vars: {A: {from_file: odd, key: a}}}}\n",
		"dockerfile":         top + "images: {i: {dockerfile: {from_file: odd}}}\nsandboxes: {a: {image: i}}\n",
	} {
		dir := t.TempDir()
		file, odd := filepath.Join(dir, "fleet.yaml"), filepath.Join(dir, "odd")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for want, put := range map[string]func() error{
			"a pipe, not a regular file":   func() error { return syscall.Mkfifo(odd, 0o600) },
			"a device, not a regular file": func() error { return os.Symlink("/dev/zero", odd) },
		} {
			if err := put(); err != nil {
				t.Fatal(err)
			}
			_, err := Options{Environment: "prod"}.Load(file)
			if key != "environment" {
				_, err = Options{}.Load(file)
			}
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
				t.Errorf("%s: got %v, want %s and the place in %s", key, err, want, file)
			}
			if err := os.Remove(odd); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestPipesByCaller reads pipes that the caller names, and ends with the context.
func TestPipesByCaller(t *testing.T) {
	dir := t.TempDir()
	spec, vars := filepath.Join(dir, "spec"), filepath.Join(dir, "vars")
	for _, pipe := range []string{spec, vars} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write := func(pipe, text string) {
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err == nil {
			_, _ = w.WriteString(text)
			w.Close()
		}
	}
	const text = "version: 1\nname: demo\nvars: {size: 1}\nsandboxes: {a: {count: \"${var.size}\"}}\n"
	go write(spec, text)
	go write(vars, "size: 3\n")
	f, err := Options{VarFiles: []string{vars}}.Load(spec)
	if err != nil || len(f.OfKind(SandboxKind)) != 3 {
		t.Fatalf("got %v, want three sandboxes", err)
	}
	for _, o := range []Options{{}, {VarFiles: []string{vars}}} {
		ctx, cancel := context.WithCancel(t.Context())
		o.Context = ctx
		file := spec
		if len(o.VarFiles) > 0 {
			file = filepath.Join(dir, "fleet.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		o.OnOpen = func(opened string) {
			if opened != file || len(o.VarFiles) == 0 {
				cancel()
			}
		}
		if _, err := o.Load(file); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that it was cancelled", err)
		}
	}
}

// TestListingEnds lists no more directories once the context has ended.
func TestListingEnds(t *testing.T) {
	dir := t.TempDir()
	for _, below := range []string{"a", "b", "b/c"} {
		if err := os.Mkdir(filepath.Join(dir, below), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var listed []string
	_, err := Options{Recursive: true, Context: ctx, OnList: func(dir string) {
		listed = append(listed, dir)
		cancel()
	}}.Load(dir)
	if !errors.Is(err, context.Canceled) || len(listed) != 1 {
		t.Errorf("got %v, after %q", err, listed)
	}
}
