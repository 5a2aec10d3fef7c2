package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	architectureFile = "docs/architecture.md"
	graphStart       = "<!-- generated: package imports -->\n"
	graphEnd         = "<!-- end -->"
	module           = "fleet"
)

// architecture returns the architecture page with the current graph of imports.
func architecture() ([]byte, error) {
	page, err := os.ReadFile(architectureFile)
	if err != nil {
		return nil, err
	}
	before, rest, found := bytes.Cut(page, []byte(graphStart))
	_, after, closed := bytes.Cut(rest, []byte(graphEnd))
	if !found || !closed {
		return nil, fmt.Errorf("%s has no %q ... %q", architectureFile, graphStart, graphEnd)
	}
	imports, err := packageImports()
	if err != nil {
		return nil, err
	}
	return slices.Concat(before, []byte(graphStart), mermaid(fold(imports)), []byte(graphEnd), after), nil
}

// fold returns the graph with packages below another one as part of that one.
func fold(imports map[string][]string) map[string][]string {
	outer := func(p string) string {
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			if _, ok := imports[dir]; ok {
				p = dir
			}
		}
		return p
	}
	folded := map[string][]string{}
	for p, list := range imports {
		for _, q := range list {
			if from, to := outer(p), outer(q); from != to && !slices.Contains(folded[from], to) {
				folded[from] = append(folded[from], to)
			}
		}
	}
	return folded
}

// commands are packages outside of fleet itself: they generate or test its files,
// and no other package imports them.
var commands = []string{"internal/benchscale", "internal/benchupload", "internal/docgen", "internal/mutate", "internal/picture", "internal/render/rendertest"}

// packageImports returns the imports of each package of the module that are also in
// the module, by directory. Imports of tests are ignored.
func packageImports() (map[string][]string, error) {
	imports := map[string][]string{}
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case strings.HasPrefix(d.Name(), ".") && dir != ".", d.Name() == "testdata", d.Name() == "bin", dir == "operator":
			return filepath.SkipDir
		case slices.Contains(commands, filepath.ToSlash(dir)):
			return nil
		}
		p, err := build.ImportDir(dir, 0)
		if _, empty := errors.AsType[*build.NoGoError](err); empty {
			return nil
		}
		if err != nil {
			return err
		}
		if len(p.GoFiles) > 0 {
			imports[packageName(dir)] = ownImports(p.Imports)
		}
		return nil
	})
	return imports, err
}

// packageName returns the name of the package in a directory, as the graph shows it.
func packageName(dir string) string {
	if dir == "." {
		return "main.go"
	}
	return filepath.ToSlash(dir)
}

// ownImports returns the import paths within the module, as directories.
func ownImports(paths []string) []string {
	var own []string
	for _, path := range paths {
		if dir, ok := strings.CutPrefix(path, module+"/"); ok {
			own = append(own, dir)
		}
	}
	return own
}

// mermaid returns a graph as a Mermaid diagram. Arrows that follow from others are
// omitted, so that the layers are visible.
func mermaid(imports map[string][]string) []byte {
	var b bytes.Buffer
	b.WriteString("```mermaid\nflowchart TD\n")
	for _, p := range slices.Sorted(maps.Keys(imports)) {
		for _, q := range directImports(imports, p) {
			fmt.Fprintf(&b, "    %s --> %s\n", node(p), node(q))
		}
	}
	b.WriteString("```\n")
	return b.Bytes()
}

// node returns a package as a Mermaid node: its identifier and its label.
func node(p string) string {
	id := strings.NewReplacer("/", "_", ".", "_").Replace(p)
	return fmt.Sprintf("%s[%s]", id, p)
}

// directImports returns the imports of a package that it does not also import
// indirectly.
func directImports(imports map[string][]string, p string) []string {
	return slices.DeleteFunc(slices.Sorted(slices.Values(imports[p])), func(q string) bool {
		return slices.ContainsFunc(imports[p], func(other string) bool {
			return other != q && reaches(imports, other, q)
		})
	})
}

// reaches reports whether package p imports q, directly or indirectly.
func reaches(imports map[string][]string, p, q string) bool {
	return slices.ContainsFunc(imports[p], func(next string) bool {
		return next == q || reaches(imports, next, q)
	})
}
