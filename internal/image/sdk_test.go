package image_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"fleet/internal/dockerfile"
	"fleet/internal/nodetest"
)

// sdkDifferences are the lines that the TypeScript SDK renders in another way, with the
// reason for each.
var sdkDifferences = map[string]string{
	"RUN: other quotes":       "the SDK escapes characters by backslashes where fleet, as the Python SDK, writes single quotes; a shell reads the same words",
	"RUN: other order":        "the SDK sorts packages by UTF-16 code units, fleet by code points as the Python SDK",
	"ENV: other quotes":       "as in RUN; Docker reads the same value",
	"ENV: other value":        "Docker reads another value than the one given to the SDK: it keeps the backslash before a backtick in double quotes",
	"WORKDIR: other quotes":   "as in RUN; Docker reads the same path",
	"WORKDIR: other value":    "as in ENV",
	"COPY: other path":        "the SDK writes the local path as it is given, fleet normalizes it as the Python SDK",
	"COPY: other value":       "blanks, quotes, variables and wildcards in a path change what the SDK copies; fleet writes them in JSON form or in brackets",
	"ENTRYPOINT: other value": "the SDK does not escape quotes and backslashes in JSON, so that the words change or become a line of shell",
	"CMD: other value":        "as in ENTRYPOINT",
}

// TestTypeScriptSDK renders random definitions by fleet and by Daytona's TypeScript SDK.
// Every line is the same, or has a reason in the table above: either Docker and a shell
// read the same from both, or only fleet keeps the words of the definition.
func TestTypeScriptSDK(t *testing.T) {
	if testing.Short() {
		t.Skip("short tests do without node")
	}
	modules := sdkModules(t)
	inDir(t, sdkFiles)
	if err := os.Symlink(modules, "node_modules"); err != nil {
		t.Skipf("there are no symbolic links: %v", err)
	}
	definitions := randomDefinitions(400)
	rendered := renderBySDK(t, definitions)
	found := map[string]int{}
	same := 0
	for i, d := range definitions {
		b := built(t, d.yaml(t))
		ours, theirs := strings.Split(b.Dockerfile, "\n"), strings.Split(rendered[i].Dockerfile, "\n")
		if len(ours) != len(theirs) {
			t.Fatalf("fleet renders\n%s\nand the SDK\n%s", b.Dockerfile, rendered[i].Dockerfile)
		}
		wanted := d.wanted()
		for k := range ours {
			if wanted[k] != nil && !slices.Equal(meaning(t, ours[k]), wanted[k]) {
				t.Errorf("%q means %q, want %q", ours[k], meaning(t, ours[k]), wanted[k])
			}
			if ours[k] == theirs[k] {
				same++
				continue
			}
			class := difference(t, ours[k], theirs[k])
			found[class]++
			checkSameBuild(t, class, ours[k], theirs[k])
		}
		compareContexts(t, b.Sources, rendered[i].Contexts)
	}
	t.Logf("%d lines are the same, %v differ", same, found)
	if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(sdkDifferences)); !slices.Equal(got, want) {
		t.Errorf("found    %q\nexplains %q", got, want)
	}
}

// checkSameBuild: a line that is only spelled in another way is the same build, so that a
// sandbox of the SDK can be adopted as it is. Of lines of Docker with variables this is not
// known.
func checkSameBuild(t *testing.T, class, ours, theirs string) {
	keyword, _, _ := strings.Cut(ours, " ")
	want := strings.HasSuffix(class, ": other quotes") || class == "COPY: other path" && "./"+strings.Fields(ours)[1] == strings.Fields(theirs)[1]
	got := dockerfile.SameBuild("FROM a:1\n"+ours+"\n", "FROM a:1\n"+theirs+"\n")
	unknown := !got && (keyword != "RUN" && strings.Contains(ours, "$") || class == "COPY: other path")
	if got != want && !unknown {
		t.Errorf("%s: %q and %q are the same build: %t", class, ours, theirs, got)
	}
}

// difference returns the class of a difference.
func difference(t *testing.T, ours, theirs string) string {
	keyword, _, _ := strings.Cut(ours, " ")
	mine, other := meaning(t, ours), meaning(t, theirs)
	sorted := func(words []string) []string { return slices.Sorted(slices.Values(words)) }
	switch {
	case slices.Equal(mine, other):
		return keyword + ": other quotes"
	case keyword == "RUN" && slices.Equal(sorted(mine), sorted(other)):
		return keyword + ": other order"
	case keyword == "COPY" && len(other) == len(mine) && path.Clean(other[0]) == mine[0]:
		return keyword + ": other path"
	}
	return keyword + ": other value"
}

// meaning returns the words that Docker or a shell reads from a line.
func meaning(t *testing.T, line string) []string {
	c := commandsOf(t, "FROM a:1\n"+line+"\n")[0]
	if e, ok := c.(instructions.SupportsSingleWordExpansion); ok {
		lex := shell.NewLex('\\')
		if err := e.Expand(func(word string) (string, error) {
			s, _, err := lex.ProcessWord(word, noVariables{})
			return s, err
		}); err != nil {
			return []string{"error", err.Error()}
		}
	}
	switch c := c.(type) {
	case *instructions.RunCommand:
		return shellMeaning(c.CmdLine[0])
	case *instructions.EnvCommand:
		var words []string
		for _, pair := range c.Env {
			words = append(words, pair.Key, pair.Value)
		}
		return words
	case *instructions.WorkdirCommand:
		return []string{c.Path}
	case *instructions.CopyCommand:
		return append(slices.Clone(c.SourcePaths), c.DestPath)
	case *instructions.EntrypointCommand:
		return execMeaning(c.ShellDependantCmdLine)
	case *instructions.CmdCommand:
		return execMeaning(c.ShellDependantCmdLine)
	}
	t.Fatalf("%q is an instruction that the test does not know", line)
	return nil
}

// execMeaning returns words, marked if they are a line of shell.
func execMeaning(c instructions.ShellDependantCmdLine) []string {
	if c.PrependShell {
		return append([]string{"shell"}, c.CmdLine...)
	}
	return c.CmdLine
}

// shellMeaning returns the words of a line of shell.
func shellMeaning(line string) []string {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(line), "")
	if err != nil || len(file.Stmts) != 1 {
		return []string{"error", fmt.Sprint(err)}
	}
	call, ok := file.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok {
		return []string{"error", line}
	}
	words, err := expand.Fields(&expand.Config{}, call.Args...)
	if err != nil {
		return []string{"error", err.Error()}
	}
	return words
}

// A rendering is an image of the SDK.
type rendering struct {
	Dockerfile string
	Contexts   []string
}

// renderBySDK renders definitions in the working directory.
func renderBySDK(t *testing.T, definitions []definition) []rendering {
	calls := make([][]sdkCall, len(definitions))
	for i, d := range definitions {
		calls[i] = d.calls()
	}
	input, err := json.Marshal(calls)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "node", "render.mjs")
	script.Stdin = bytes.NewReader(input)
	var errors bytes.Buffer
	script.Stderr = &errors
	out, err := script.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errors.String())
	}
	var all []rendering
	if err := json.Unmarshal(out, &all); err != nil || len(all) != len(definitions) {
		t.Fatalf("%d images: %v", len(all), err)
	}
	return all
}

const sdkDir = "testdata/sdk"

// sdkModules returns the directory of the packages that render.mjs needs.
func sdkModules(t *testing.T) string {
	modules := nodetest.Modules(t, sdkDir)
	script, err := os.ReadFile(filepath.Join(sdkDir, "render.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	sdkFiles["render.mjs"] = string(script)
	return modules
}
