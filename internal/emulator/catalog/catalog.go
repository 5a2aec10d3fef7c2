// Package catalog lists the operations that Daytona documents: those of its API, from the
// OpenAPI documents of two versions, and those of the toolboxes in its sandboxes.
package catalog

import (
	_ "embed" // for the lists
	"strings"
	"sync"
)

// An Operation is a documented operation.
type Operation struct {
	Method string
	// Path is the path as documented. Its variables are elements in braces.
	Path string
	// Since and Until are the versions of the API in which the operation appeared and was
	// last documented; "" means the oldest and the newest document.
	Since, Until string
}

// API returns the operations of the API, below /api.
func API() []Operation { return api() }

// Toolbox returns the operations of a toolbox, below the address of its sandbox.
func Toolbox() []Operation { return toolbox() }

var (
	//go:embed api.txt
	apiList string
	//go:embed toolbox.txt
	toolboxList string

	api     = sync.OnceValue(func() []Operation { return parse(apiList) })
	toolbox = sync.OnceValue(func() []Operation { return parse(toolboxList) })
)

// parse reads a list with one operation on each line: its method, its path, and the
// versions that have it.
func parse(list string) []Operation {
	var all []Operation
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		o := Operation{Method: words[0], Path: words[1]}
		for _, word := range words[2:] {
			if version, ok := strings.CutPrefix(word, "since="); ok {
				o.Since = version
			}
			if version, ok := strings.CutPrefix(word, "until="); ok {
				o.Until = version
			}
		}
		all = append(all, o)
	}
	return all
}

// Pattern returns the elements of the path. Variables have the form :name.
func (o Operation) Pattern() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(o.Path)
}
