package binaries

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// fakeRecipe returns the root of a module whose recipe is text, and a directory with files in
// place of the programs that it builds.
func fakeRecipe(t *testing.T, text string) (root, dir string) {
	t.Helper()
	root, dir = t.TempDir(), t.TempDir()
	for _, p := range programs {
		module := filepath.Join(root, recipeDir, p.module)
		write(t, filepath.Join(module, "go.mod"), text)
		write(t, filepath.Join(module, "go.sum"), "")
		write(t, filepath.Join(dir, p.name), p.name)
	}
	digest, err := recipe(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeManifest(dir, digest); err != nil {
		t.Fatal(err)
	}
	return root, dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	root, dir := fakeRecipe(t, "one")
	if err := Check(root, dir); err != nil {
		t.Errorf("complete: %v", err)
	}
	other, _ := fakeRecipe(t, "two")
	if err := Check(other, dir); !errors.Is(err, ErrMissing) {
		t.Errorf("built from another recipe: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, Kubectl)); err != nil {
		t.Fatal(err)
	}
	if err := Check(root, dir); !errors.Is(err, ErrMissing) {
		t.Errorf("without kubectl: %v", err)
	}
	if err := Check(root, filepath.Join(dir, "absent")); !errors.Is(err, ErrMissing) {
		t.Errorf("without a directory: %v", err)
	}
}

func TestVerify(t *testing.T) {
	root, dir := fakeRecipe(t, "one")
	if !verify(root, dir) {
		t.Error("what was written is not verified")
	}
	write(t, filepath.Join(dir, Etcd), "altered")
	if verify(root, dir) {
		t.Error("an altered program is verified")
	}
}

// A build that fails leaves the programs that are there, and nothing else.
func TestFailedBuild(t *testing.T) {
	root, dir := fakeRecipe(t, "not a go.mod")
	write(t, filepath.Join(root, recipeDir, "kubernetes", "go.mod"), "require k8s.io/kubernetes v1.2.3\n???")
	if err := Build(t.Context(), root, dir, io.Discard); err == nil {
		t.Fatal("a recipe that cannot be read was built")
	}
	if text, err := os.ReadFile(filepath.Join(dir, Etcd)); err != nil || string(text) != Etcd {
		t.Errorf("the former program is gone: %q, %v", text, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".building-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestReplace(t *testing.T) {
	_, dir := fakeRecipe(t, "one")
	fresh := filepath.Join(t.TempDir(), "fresh")
	write(t, filepath.Join(fresh, Etcd), "new")
	if err := replace(dir, fresh); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, Etcd)); string(text) != "new" {
		t.Errorf("%s holds %q after the replacement", Etcd, text)
	}
	for _, gone := range []string{fresh, fresh + ".old", filepath.Join(dir, manifest)} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s is there after the replacement", gone)
		}
	}
}

func TestDir(t *testing.T) {
	t.Setenv(CacheVariable, "")
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := Dir(root)
	if err != nil {
		t.Fatal(err)
	}
	if base := filepath.Base(dir); base[:2] != "v1" {
		t.Errorf("the directory %s does not end in a version", dir)
	}
	t.Setenv(CacheVariable, "/elsewhere")
	if dir, err := Dir(root); err != nil || dir != "/elsewhere" {
		t.Errorf("with %s, the directory is %s, %v", CacheVariable, dir, err)
	}
}
