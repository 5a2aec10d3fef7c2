package image

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

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
	for _, i := range f.Instructions {
		if s := w.at(i.End); s.first > i.Line {
			all = append(all, Problem{
				Pos: s.pos, Path: s.path, Message: "the lines before the step continue on it, so that the step is a part of them",
				Hint: "end the lines before it without the escape character of the Dockerfile",
			})
		}
	}
	return all
}

// clashes returns an error for each source that takes the place of other local files in
// the build context, in which all sources are at their archive paths.
func clashes(sources []Source) []Problem {
	var all []Problem
	for i, s := range sources {
		for _, before := range sources[:i] {
			a, rootA := before.place()
			b, rootB := s.place()
			if rootA == rootB || a == "." || b == "." || !overlap(a, b) {
				continue
			}
			all = append(all, Problem{
				Pos: s.Pos, Path: s.Path, Message: fmt.Sprintf("%s has the place of other local files in the build context: %s of %s, which %s copies", s.Pattern, a, rootA, before.Path),
				Hint: "rename one of them, or copy both from one directory",
			})
			break
		}
	}
	return all
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

// overlap reports whether two paths are the same or one is below the other.
func overlap(a, b string) bool {
	return strings.HasPrefix(a+"/", b+"/") || strings.HasPrefix(b+"/", a+"/")
}
