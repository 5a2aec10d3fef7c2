// Package nodetest gives tests the packages of Node that they run.
package nodetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fleet/internal/tooltest"
)

// Modules returns the directory node_modules with the packages of dir, which contains a
// package.json and its lockfile. They are installed once per lockfile and user. The test
// is skipped if there is no Node, or the packages cannot be installed; it fails if
// FLEET_NEEDS lists node or npm.
func Modules(t *testing.T, dir string) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		tooltest.Path(t, program)
	}
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		tooltest.Missing(t, "npm", "there is no place for the packages: "+err.Error())
	}
	installed := filepath.Join(cache, fmt.Sprintf("fleet-sdk-%x", sha256.Sum256(lock))[:26])
	modules := filepath.Join(installed, "node_modules")
	if _, err := os.Stat(modules); err != nil {
		install(t, dir, cache, installed)
	}
	return modules
}

// install installs the packages of dir into a directory that is renamed when it is
// complete.
func install(t *testing.T, dir, cache, installed string) {
	t.Helper()
	t.Log("installing packages into " + installed)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		tooltest.Missing(t, "npm", "there is no place for the packages: "+err.Error())
	}
	fresh, err := os.MkdirTemp(cache, "fleet-sdk-")
	if err != nil {
		tooltest.Missing(t, "npm", "there is no place for the packages: "+err.Error())
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := os.CopyFS(fresh, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = fresh
	if out, err := npm.CombinedOutput(); err != nil {
		tooltest.Missing(t, "npm", fmt.Sprintf("npm ci: %v (is the registry reachable?)\n%s", err, out))
	}
	if err := os.Rename(fresh, installed); err != nil {
		if _, there := os.Stat(filepath.Join(installed, "node_modules")); there != nil {
			t.Fatal(err)
		}
	}
}
