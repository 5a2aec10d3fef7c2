package image

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/diagnostic"
	"fleet/internal/dockerfile"
)

// allSources returns the sources of a build in the order of its lines.
func (w *writer) allSources(f *dockerfile.File) ([]Source, []Problem) {
	all := w.sources
	var problems []Problem
	for _, l := range f.LocalSources(nil) {
		s := w.at(l.Line)
		if s.isExplicit {
			continue
		}
		pos, own := s.place(l.Line)
		if l.Unknown != "" {
			if l.Keyword != "ADD" { // it may be a URL
				problems = append(problems, Problem{
					Pos: pos, Path: s.path, Message: fmt.Sprintf("line %d: the source of %s depends on the variable %s, which has no value", own, l.Keyword, l.Unknown),
					Hint: "declare it by ARG with a default, or set it in args of the image",
				})
			}
			continue
		}
		all = append(all, source{line: l.Line, Source: Source{
			Root: s.dir, Pattern: l.Pattern, IsPattern: l.Keyword != "RUN" && strings.ContainsAny(l.Pattern, `*?[\`),
			Pos: pos, Path: s.path, Line: own, DockerfilePath: s.file,
		}})
	}
	slices.SortStableFunc(all, func(a, b source) int { return cmp.Compare(a.line, b.line) })
	sources := make([]Source, len(all))
	for i, s := range all {
		sources[i] = s.Source
	}
	return sources, problems
}

// check returns the mistakes in the lines of steps that only the whole Dockerfile shows.
func (w *writer) check(f *dockerfile.File, err error) []Problem {
	var all []Problem
	var found dockerfile.Problems
	errors.As(err, &found)
	for _, p := range found {
		if s := w.at(p.Line); !s.isBase {
			pos, _ := s.place(p.Line)
			all = append(all, Problem{Pos: pos, Path: s.path, Message: p.Message, Hint: p.Hint})
		}
	}
	if err == nil {
		all = append(all, w.checkUnset(f)...)
	}
	for _, i := range f.Instructions {
		if s := w.at(i.End); s.first > i.Line && !w.at(i.Line).isBase { // that of the base is reported already
			all = append(all, Problem{
				Pos: s.pos, Path: s.path, Message: "the lines before the step continue on it, so that the step is a part of them",
				Hint: "end the lines before it without the escape character of the Dockerfile",
			})
		}
	}
	return all
}

// checkUnset returns the problems of variables without a value, after the build arguments
// were applied.
func (w *writer) checkUnset(f *dockerfile.File) []Problem {
	var all []Problem
	for _, p := range f.Check(nil) {
		if p.Unset == "" {
			continue
		}
		s := w.at(p.Line)
		pos, own := s.place(p.Line)
		if s.file != "" {
			pos = diagnostic.Position{File: s.file, Line: own, Column: 1}
		}
		problem := Problem{Pos: pos, Path: s.path, Message: p.Message, Hint: p.Hint}
		if p.Warning {
			problem.Rule = "dockerfile"
		}
		all = append(all, problem)
	}
	return all
}

// clashes returns an error for each source that takes the place of other local files in
// the build context, in which all sources are at their archive paths.
func clashes(sources []Source) []Problem {
	var all []Problem
	own, below := occupants{}, occupants{}
	for _, s := range sources {
		archive, root := s.place()
		if archive == "." {
			continue
		}
		before, found := below.other(archive, root)
		for dir := archive; dir != "." && !found; dir = path.Dir(dir) {
			before, found = own.other(dir, root)
		}
		if found {
			place, from := before.place()
			all = append(all, Problem{
				Pos: s.Pos, Path: s.Path, Message: fmt.Sprintf("%s has the place of other local files in the build context: %s of %s, which %s copies", s.Pattern, place, from, before.Path),
				Hint: "rename one of them, or copy both from one directory",
			})
		}
		own.add(archive, root, s)
		for dir := path.Dir(archive); dir != "."; dir = path.Dir(dir) {
			below.add(dir, root, s)
		}
	}
	return all
}

// occupants are the first sources at a path of the build context from each directory.
type occupants map[string]map[string]Source

// add records a source from a directory.
func (o occupants) add(archive, root string, s Source) {
	if o[archive] == nil {
		o[archive] = map[string]Source{}
	}
	if _, known := o[archive][root]; !known {
		o[archive][root] = s
	}
}

// other returns a source at a path that comes from another directory.
func (o occupants) other(archive, root string) (Source, bool) {
	for _, r := range slices.Sorted(maps.Keys(o[archive])) {
		if r != root {
			return o[archive][r], true
		}
	}
	return Source{}, false
}

// place returns the path in the build context and the directory that this path is
// relative to in the local file system.
func (s Source) place() (archive, root string) {
	local := filepath.ToSlash(s.Pattern)
	if !path.IsAbs(local) {
		local = path.Join(filepath.ToSlash(s.Root), local)
	}
	archive = strings.TrimLeft(path.Clean("/"+s.Pattern), "/")
	if s.Archive == "" {
		return cmp.Or(archive, "."), path.Clean(filepath.ToSlash(s.Root))
	}
	root, found := strings.CutSuffix(local, s.Archive)
	if !found {
		return s.Archive, local
	}
	return s.Archive, path.Clean(root)
}
