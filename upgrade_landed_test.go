//go:build !race

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"fleet/internal/tooltest"
)

// landedCommit is the first build with which users applied fleets.
const landedCommit = "b2356d7244786367348db79379cc30b7a25a0955"

// landedBuild builds fleet at that commit, from the history of the repository, and
// returns the path of the binary. It is built once per version of Go and user. The test is
// skipped if the commit is missing.
func landedBuild(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no place for build %.7s: %v", landedCommit, err)
	}
	binary := filepath.Join(cache, fmt.Sprintf("fleet-landed-%.7s-%s", landedCommit, runtime.Version()))
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	for _, tool := range []string{"git", "tar", "go"} {
		tooltest.Path(t, tool)
	}
	if out, err := exec.CommandContext(t.Context(), "git", "cat-file", "-e", landedCommit+"^{commit}").CombinedOutput(); err != nil {
		t.Skipf("cannot build %.7s: its commit is not in the history of this checkout; fetch it with git fetch --unshallow\n%s", landedCommit, out)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Skipf("there is no place for build %.7s: %v", landedCommit, err)
	}
	buildLanded(t, binary)
	return binary
}

// buildLanded writes the binary as a whole: other tests may run it at any time.
func buildLanded(t *testing.T, binary string) {
	t.Helper()
	dir := t.TempDir()
	archive, source := filepath.Join(dir, "source.tar"), filepath.Join(dir, "source")
	fresh, err := os.MkdirTemp(filepath.Dir(binary), "fleet-landed-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"git", "archive", "--output", archive, landedCommit},
		{"tar", "-xf", archive, "-C", source},
		// With other flags than those of the tests, all dependencies would be built again.
		{"go", "build", "-C", source, "-buildvcs=false", "-o", filepath.Join(fresh, "fleet"), "."},
	} {
		if out, err := exec.CommandContext(t.Context(), line[0], line[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", line, err, out)
		}
	}
	if err := os.Rename(filepath.Join(fresh, "fleet"), binary); err != nil {
		t.Fatal(err)
	}
}
