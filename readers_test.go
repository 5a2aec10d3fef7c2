package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rawCalls are functions that read or write files without the care that
// internal/input and writeAndMove of internal/cli take: they may wait for ever, have
// no bound, or replace what they should not.
var rawCalls = []string{
	"os.ReadFile", "os.Open", "os.OpenFile", "os.Create", "os.CreateTemp", "os.WriteFile", "os.Stdin", "io.ReadAll",
	"bufio.NewReader", "bufio.NewReaderSize", "bufio.NewScanner", "maybe.WriteFile", "exec.CommandContext", "exec.Command",
}

// allowed are the places that use them all the same, with the reason.
var allowed = map[string]string{
	"main.go os.Stdin":                                        "read only through input.NewReader and input.ReadStream",
	"internal/specfile/directory.go io.ReadAll":               "of an input.Open, bounded",
	"client/internal/transport/timeout.go io.ReadAll":         "of answers, bounded",
	"internal/dotenv/read.go io.ReadAll":                      "from input.Open or input.NewReader, with a limit",
	"apply/internal/buildlog/buildlog.go bufio.NewReaderSize": "responses, in lines that are cut",
	"internal/hook/hook.go bufio.NewReaderSize":               "output of hooks, in lines that are cut",
	"internal/hook/hook.go exec.CommandContext":               "with a context and a timeout",
	"internal/input/wait_unix.go os.OpenFile":                 "does not wait",
	"internal/input/wait_other.go os.Open":                    "on systems without named pipes",
	"internal/cli/fmt.go maybe.WriteFile":                     "the file that was read",
	"internal/emulator/build/context.go io.ReadAll":           "with a limit",
	"internal/buildcontext/measure/plans.go os.WriteFile":     "measures scans, for developers",
	"internal/buildcontext/measure/compare.go os.WriteFile":   "measures, for developers",
	"internal/buildcontext/measure/compare.go exec.Command":   "measures, for developers",
	"internal/emulator/call.go io.ReadAll":                    "with a limit",
	"internal/emulator/control.go io.ReadAll":                 "with a limit",
	"internal/docgen/main.go os.WriteFile":                    "generates committed files",
	"internal/docgen/architecture.go os.ReadFile":             "generates committed files",
	"internal/mutate/binary.go exec.CommandContext":           "tries mistakes in the sources, for developers",
	"internal/mutate/binary.go os.WriteFile":                  "tries mistakes in the sources, for developers",
	"internal/mutate/bounds.go bufio.NewScanner":              "tries mistakes in the sources, for developers",
	"internal/mutate/bounds.go os.ReadFile":                   "tries mistakes in the sources, for developers",
	"internal/mutate/mutant.go os.ReadFile":                   "tries mistakes in the sources, for developers",
	"internal/nodetest/nodetest.go exec.CommandContext":       "installs npm packages, for tests",
	"internal/nodetest/nodetest.go os.ReadFile":               "installs npm packages, for tests",
	"internal/picture/main.go bufio.NewScanner":               "draws the picture of the README",
	"internal/picture/main.go os.Stdin":                       "draws the picture of the README",
	"internal/emulator/storage/payload.go io.ReadAll":         "with a limit",
	"internal/emulator/toolbox/upload.go io.ReadAll":          "of a body with a limit",
	"internal/emulator/storage/payload.go bufio.NewReader":    "a body, with a limit for each frame",
	"internal/localserver/address.go maybe.WriteFile":         "the address of a server, for the same user",
	"internal/emulator/world/lock_unix.go os.OpenFile":        "for reading and writing, does not wait",
	"internal/watch/serve/socket_unix.go os.OpenFile":         "the lock of a socket, does not wait",
	"internal/emulator/world/journal.go os.OpenFile":          "the file that was just written",
	"internal/buildcontext/cache.go maybe.WriteFile":          "a cache in a directory of fleet's own",
	"internal/emulator/world/journal.go maybe.WriteFile":      "the state of the emulator",
	"internal/cli/approve.go bufio.NewReaderSize":             "of an input.Reader, in lines of a bounded length",
	"internal/statedir/write_log.go bufio.NewScanner":         "of an input.Open, bounded",
	"internal/statedir/write_log.go os.OpenFile":              "appends to a file of fleet's own",
	"internal/cli/spec.go exec.CommandContext":                "into an input.Buffer, with a timeout",
	"internal/gitspec/repository.go exec.CommandContext":      "into an input.Buffer",
	"internal/gitspec/repository.go os.WriteFile":             "into a directory of its own",
	"internal/cli/write.go os.OpenFile":                       "appends, without waiting",
	"internal/outfile/write.go os.CreateTemp":                 "a probe, removed at once",
	"internal/statedir/dir.go maybe.WriteFile":                "reports and records in a directory of fleet's own",
	"internal/outfile/write.go os.OpenFile":                   "a new file",
	"internal/outfile/stream.go os.OpenFile":                  "a stream under the context",
	"internal/outfile/write.go maybe.WriteFile":               "of what is not private, at the end of the links",
	"internal/render/rendertest/rendertest.go os.ReadFile":    "golden files of tests",
	"internal/render/rendertest/rendertest.go os.WriteFile":   "golden files of tests",
	"internal/benchscale/bench.go exec.CommandContext":        "measures, for developers",
	"internal/benchscale/process.go exec.CommandContext":      "measures, for developers",
	"internal/benchscale/server.go exec.CommandContext":       "measures, for developers",
	"internal/benchscale/row.go os.WriteFile":                 "measures, for developers",
	"internal/benchscale/state.go os.OpenFile":                "a new file in a directory of its own",
	"internal/benchupload/emulator.go exec.CommandContext":    "measures uploads, for developers",
	"internal/benchupload/emulator.go os.OpenFile":            "a new file in a directory of its own",
	"internal/emulator/blob/store.go os.OpenFile":             "a new file next to the state of the emulator",
	"internal/watch/notify/event_file.go os.OpenFile":         "appends, without waiting",
	"internal/watch/notify/endpoint.go io.ReadAll":            "of answers, with a limit",
	"internal/fleetobject/verify.go os.WriteFile":             "into a directory of its own",
	"operator/internal/source/files.go os.WriteFile":          "into a directory of its own",
	"operator/internal/crd/generate.go exec.CommandContext":   "generates committed files",
	"operator/internal/crd/generate.go os.ReadFile":           "generates committed files",
	"operator/internal/crd/generate/main.go os.WriteFile":     "generates committed files",
}

// TestReaders holds every place that reads or writes files to the table. The programs of
// Kubernetes for tests are read from a directory of their own.
func TestReaders(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (path == "operator/internal/kubetest" || e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") && e.Name() != "."):
			return fs.SkipDir
		case filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go"):
			for _, call := range rawIn(t, path) {
				found[filepath.ToSlash(path)+" "+call] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if allowed[place] == "" {
			t.Errorf("%s: read with internal/input and write with putFile, or give a reason in the table", place)
		}
	}
	for place := range allowed {
		if !found[place] {
			t.Errorf("%s is gone: remove it from the table", place)
		}
	}
}

// rawIn lists the calls of a file that are in rawCalls.
func rawIn(t *testing.T, path string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is {
			if x, is := s.X.(*ast.Ident); is && slices.Contains(rawCalls, x.Name+"."+s.Sel.Name) {
				list = append(list, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return list
}
