//go:build !race

package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"gopkg.in/yaml.v3"
)

// history is a sequence of specs that are applied from one directory.
type history struct {
	name  string
	files map[string][]byte
	env   []string
	specs [][]string // arguments that name a spec, such as -f fleet.yaml -e prod
}

// leftOut are specs that are not applied, each with the reason.
var leftOut = map[string]string{
	"linked_left.txtar/left.yaml":     "the build that applies it deletes a linked sandbox with its owner",
	"linked_left.txtar/replaced.yaml": "the build that applies it deletes a linked sandbox with its owner",
	"rollout.txtar/fleet.yaml":        "its waves are minutes apart",
	"secret_places.txtar/named.yaml":  "a name that holds a secret is refused: the server and every list show it",
}

// newerLines matches the lines of examples that the landed build does not know. Without
// them, the examples mean the same as they did then.
var newerLines = regexp.MustCompile(`(?m)^ +versioning: content\n`)

// examples returns a history for each example, and for those in testdata/upgrade: examples
// as the landed build knew them, which have attributes by now that it does not know.
func examples(t *testing.T) []history {
	t.Helper()
	files, err := filepath.Glob("examples/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	former, err := filepath.Glob("testdata/upgrade/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []history
	for _, file := range slices.Concat(files, former) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = newerLines.ReplaceAll(text, nil)
		list = append(list, history{
			name: filepath.Base(file), files: map[string][]byte{"fleet.yaml": text}, specs: arguments("fleet.yaml", text),
		})
	}
	return list
}

// setting matches a line of a script that sets a variable to a plain value.
var setting = regexp.MustCompile(`(?m)^env (\w+)=([\w-]+)$`)

// scripts returns a history for each script: the specs among its files, in their
// order. The landed build refuses those that need more than the files and the
// variables of the script.
func scripts(t *testing.T) []history {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var list []history
	for _, file := range files {
		script, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h := history{name: filepath.Base(file), files: map[string][]byte{}}
		var texts string
		for _, f := range script.Files {
			h.files[f.Name] = f.Data
			if ext := filepath.Ext(f.Name); ext != ".yaml" && ext != ".yml" || leftOut[h.name+"/"+f.Name] != "" {
				continue
			}
			h.specs = append(h.specs, arguments(f.Name, f.Data)...)
			texts += string(f.Data)
		}
		for _, m := range setting.FindAllStringSubmatch(string(script.Comment), -1) {
			if strings.Contains(texts, m[1]) {
				h.env = append(h.env, m[1]+"="+m[2])
			}
		}
		list = append(list, h)
	}
	return list
}

// arguments returns the flags for a spec: without an environment, and with each.
func arguments(file string, text []byte) [][]string {
	list := [][]string{{"-f", file}}
	var spec struct{ Environments map[string]any }
	_ = yaml.Unmarshal(text, &spec) // fleet reports the error
	for _, name := range slices.Sorted(maps.Keys(spec.Environments)) {
		list = append(list, []string{"-f", file, "-e", name})
	}
	return list
}

// firsts returns the histories truncated after their first spec.
func firsts(histories []history) []history {
	list := slices.Clone(histories)
	for i := range list {
		list[i].specs = list[i].specs[:min(1, len(list[i].specs))]
	}
	return list
}

// upgraded goes through histories, several at once since they often wait. It returns
// the number of specs that the landed build applied.
func (u upgrade) upgraded(t *testing.T, histories []history) int {
	t.Helper()
	queue := make(chan history)
	var workers sync.WaitGroup
	var agreed atomic.Int64
	for range 3 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for h := range queue {
				t.Run(h.name, func(t *testing.T) {
					mine := u
					mine.t, mine.history = t, h
					mine.goThrough()
					agreed.Add(int64(mine.agreed))
				})
			}
		})
	}
	for _, h := range histories {
		queue <- h
	}
	close(queue)
	workers.Wait()
	return int(agreed.Load())
}
