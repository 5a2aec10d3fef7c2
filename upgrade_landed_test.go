//go:build !race

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// landedCommit is the first build with which users applied fleets.
const landedCommit = "b2356d7244786367348db79379cc30b7a25a0955"

// landedBuild builds fleet at that commit, from the history of the repository, and
// returns the path of the binary. It skips the test if the commit is missing.
func landedBuild(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"git", "tar", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("cannot build %.7s: %v", landedCommit, err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "git", "cat-file", "-e", landedCommit+"^{commit}").CombinedOutput(); err != nil {
		t.Skipf("cannot build %.7s: its commit is not in the history of this checkout; fetch it with git fetch --unshallow\n%s", landedCommit, out)
	}
	dir := t.TempDir()
	archive, source, binary := filepath.Join(dir, "source.tar"), filepath.Join(dir, "source"), filepath.Join(dir, "landed")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"git", "archive", "--output", archive, landedCommit},
		{"tar", "-xf", archive, "-C", source},
		{"go", "build", "-C", source, "-trimpath", "-buildvcs=false", "-o", binary, "."},
	} {
		if out, err := exec.CommandContext(t.Context(), line[0], line[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", line, err, out)
		}
	}
	return binary
}
