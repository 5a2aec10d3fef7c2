package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/internal/dockerfile"
)

// A manifestLookup returns the files of a context by its hash, if they are known.
type manifestLookup func(hash string) (buildcontext.Manifest, bool)

// maxImageDetails is the number of differences of an image that are listed.
const maxImageDetails = 10

// explainImage returns what differs between an image of the spec and the one of an object,
// in clauses: instructions of the Dockerfile, and files that are copied.
func explainImage(want, have any, known manifestLookup) []string {
	w, _ := want.(Image)
	h, ok := have.(Image)
	if !ok || w.Dockerfile == "" || h.Dockerfile == "" || w.Dockerfile == "FROM "+w.Name+"\n" {
		return nil
	}
	list := append(explainDockerfile(h.Dockerfile, w.Dockerfile), explainContexts(h, w, known)...)
	if len(list) > 0 && w.Name != "" {
		list[0] = "image " + w.Name + ": " + list[0]
	}
	if more := len(list) - maxImageDetails; more > 1 {
		list = append(list[:maxImageDetails], fmt.Sprintf("and %d more differences", more))
	}
	return list
}

// explainDockerfile returns the instructions that differ between two Dockerfiles.
func explainDockerfile(have, want string) (list []string) {
	for _, c := range dockerfile.Changes(have, want) {
		switch {
		case c.Before == nil:
			list = append(list, fmt.Sprintf("Dockerfile line %d added", c.Line()))
		case c.After == nil:
			list = append(list, fmt.Sprintf("former Dockerfile line %d removed", c.Line()))
		default:
			list = append(list, fmt.Sprintf("Dockerfile line %d changed", c.Line()))
		}
	}
	return list
}

// explainContexts returns the files that differ between the contexts of two images. If the
// former files are not known, it returns the sources that have another content.
func explainContexts(have, want Image, known manifestLookup) []string {
	gone := without(have.ContextHashes, want.ContextHashes)
	var before, after buildcontext.Manifest
	complete := known != nil
	for _, hash := range gone {
		if !complete {
			break
		}
		m, ok := known(hash)
		complete = ok
		before.Files = append(before.Files, m.Files...)
	}
	var list []string
	unchanged := 0
	for _, m := range want.Contexts {
		if slices.Contains(have.ContextHashes, m.Hash) {
			unchanged += len(m.Files)
			continue
		}
		after.Files = append(after.Files, m.Files...)
		if name := archiveName(m); !complete {
			list = append(list, fmt.Sprintf("files of COPY %s changed", name))
		}
	}
	switch {
	case complete:
		changes := buildcontext.Diff(sortedFiles(before), sortedFiles(after))
		changes.Total += unchanged
		return explainFiles(changes)
	case len(gone) > 0 && len(list) == 0:
		return []string{"files that were copied are no longer copied"}
	}
	return list
}

// explainFiles returns the files that differ, the first one with the number of all.
func explainFiles(c buildcontext.Changes) (list []string) {
	for _, of := range []struct {
		files []string
		what  string
	}{{c.Changed, "changed"}, {c.ModeChanged, "has another mode"}, {c.Added, "added"}, {c.Removed, "removed"}} {
		for _, f := range of.files {
			list = append(list, "file "+f+" "+of.what)
		}
	}
	if len(list) > 0 {
		list[0] += " (" + c.String() + ")"
	}
	return list
}

// sortedFiles returns a manifest with its files in order, each once.
func sortedFiles(m buildcontext.Manifest) buildcontext.Manifest {
	byPath := func(a, b buildcontext.File) int { return strings.Compare(a.Path, b.Path) }
	slices.SortStableFunc(m.Files, byPath)
	m.Files = slices.CompactFunc(m.Files, func(a, b buildcontext.File) bool { return a.Path == b.Path })
	return m
}

// archiveName returns the file or the directory that contains all files of a manifest.
func archiveName(m buildcontext.Manifest) string {
	if len(m.Files) == 1 {
		return m.Files[0].Path
	}
	name := path.Dir(m.Files[0].Path)
	for _, f := range m.Files {
		for name != "." && !strings.HasPrefix(f.Path, name+"/") {
			name = path.Dir(name)
		}
	}
	return name
}

// without returns the items of a list that another does not have.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
