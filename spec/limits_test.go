package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/specfile"
	"fleet/internal/yamldoc"
)

// TestBounds checks that one limit covers all files of a spec, however they are
// named, and that the error has the place that exceeds it.
func TestBounds(t *testing.T) {
	const head = "version: 1\nname: demo\n"
	chain := map[string]string{"fleet.yaml": head + "include: f0"}
	for i := range maxIncludes + 1 {
		chain[fmt.Sprintf("f%d", i)] = fmt.Sprintf("include: f%d\n", i+1)
	}
	large := "#" + strings.Repeat(" ", specfile.MaxFile-20) + "\nvars: {}\n"
	var again strings.Builder
	for i := range specfile.MaxRead/specfile.MaxFile + 1 {
		fmt.Fprintf(&again, "  v%d: {from_file: large%d}\n", i, i)
	}
	documents := strings.Repeat("---\n", yamldoc.MaxDocuments+1)
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"depth":          {chain, fmt.Sprintf("/f%d:1:10: include: ", maxIncludes-1)},
		"documents":      {map[string]string{"fleet.yaml": head + "include: f", "f": documents}, "/f:50000:1: the spec has more than 50000 documents"},
		"all documents":  {map[string]string{"fleet.yaml": head + "include: [f, g]", "f": documents[:4*30_000] + head, "g": documents[:4*30_000]}, "g:20000:1: the spec has more than 50000 documents"},
		"size":           {map[string]string{"fleet.yaml": head + "include: [l0, l1, l2, l3, l4]", "l0": large, "l1": large, "l2": large, "l3": large, "l4": large}, "/l4: the files of the spec are larger than 32 MiB together"},
		"one file often": {map[string]string{"fleet.yaml": head + "sandboxes:\n web:\n  env_vars:\n  " + strings.ReplaceAll(again.String(), "\n", "\n  ") + "\n", "large0": large}, "what the spec reads is larger than 128 MiB together"},
	} {
		dir := folder(t, c.files)
		for i := range specfile.MaxRead / specfile.MaxFile {
			check(t, os.Symlink("large0", filepath.Join(dir, fmt.Sprintf("large%d", i+1))))
		}
		_, err := Options{}.Load(filepath.Join(dir, "fleet.yaml"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.2000v, want %s", name, err, c.want)
		}
	}
}
