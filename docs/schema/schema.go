// Package schema holds the JSON Schemas of specs and of what fleet prints.
// They are written by internal/docgen.
package schema

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.json
var files embed.FS

// Names lists the schemas, sorted.
func Names() []string {
	entries, _ := fs.ReadDir(files, ".") // it is there: it was built in
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}

// Read is the schema of a name, and whether there is one.
func Read(name string) ([]byte, bool) {
	text, err := files.ReadFile(name + ".json")
	return text, err == nil
}
