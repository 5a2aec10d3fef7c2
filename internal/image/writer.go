package image

import (
	"path"
	"path/filepath"
	"strings"
)

// A writer collects the lines and the sources of a build.
type writer struct {
	text     strings.Builder
	base     Base
	step     Step // that is being rendered
	sources  []Source
	problems []Problem
	hasUV    bool // an earlier step installed uv
}

// line writes an instruction of words that are quoted already.
func (w *writer) line(words ...string) {
	w.text.WriteString(strings.Join(words, " ") + "\n")
}

// local adds a local path that the step copies and returns its path in the build
// context.
func (w *writer) local(p localPath, kind SourceKind) string {
	archive := p.archive()
	w.sources = append(w.sources, Source{
		Root: p.root, Pattern: p.name, Archive: archive, Kind: kind,
		Pos: w.step.Pos, Path: w.step.Path,
	})
	return archive
}

// A localPath is a path as a step names it.
type localPath struct {
	root string // directory of the file that contains the step
	name string // slash-separated, with ~ expanded
}

// archive returns the path in the build context: normalized as in the Python SDK, and
// without the parts that lead out of the context.
func (p localPath) archive() string {
	clean := strings.TrimPrefix(path.Clean(p.name), filepath.VolumeName(p.name))
	clean = strings.TrimLeft(clean, "/")
	for strings.HasPrefix(clean, "../") {
		clean = strings.TrimPrefix(clean, "../")
	}
	if clean == ".." || clean == "" {
		return "."
	}
	return clean
}
