package buildcontext

import (
	"cmp"
	"slices"
	"strings"
)

// Limits of one source, unless [Options] sets others.
const (
	// DefaultMaxBytes keeps an archive below the 5 GB that the storage accepts in one
	// request.
	DefaultMaxBytes = 4 << 30
	// DefaultMaxFiles is above the size of large source trees. A source with more files
	// usually contains installed dependencies or the history of a repository.
	DefaultMaxFiles = 200_000
)

const (
	maxProblems = 20 // of one source that are listed
	maxLargest  = 5  // parts that a LimitError lists
)

// limits are the limits of a source.
type limits struct {
	bytes int64
	files int
}

// checkLimits returns a [*LimitError] if the source is above a limit.
func (s *scan) checkLimits() error {
	e := &LimitError{Path: s.source.disk(s.source.Archive)}
	switch {
	case len(s.files) > s.limits.files || s.queue.visited > s.limits.files:
		e.Limit, e.Files = int64(s.limits.files), true
	case s.bytes > s.limits.bytes:
		e.Limit = s.limits.bytes
	default:
		return nil
	}
	e.Largest = largest(s.files, s.source, e.Files)
	return e
}

// largest returns the largest directories and files at the top of a source.
func largest(files []File, source Source, byFiles bool) []Usage {
	parts := map[string]*Usage{}
	for _, f := range files {
		top := topOf(f.Path, source)
		if parts[top] == nil {
			parts[top] = &Usage{Path: top}
		}
		parts[top].Files++
		parts[top].Bytes += f.Size
	}
	var list []Usage
	for _, u := range parts {
		list = append(list, *u)
	}
	slices.SortFunc(list, func(a, b Usage) int {
		order := cmp.Compare(b.Bytes, a.Bytes)
		if byFiles {
			order = cmp.Compare(b.Files, a.Files)
		}
		return cmp.Or(order, strings.Compare(a.Path, b.Path))
	})
	return list[:min(len(list), maxLargest)]
}

// topOf returns the file or directory at the top of a source that contains a path of
// its archive.
func topOf(file string, source Source) string {
	prefix := 0
	if !source.isRoot() {
		prefix = min(len(source.Archive)+1, len(file))
	}
	name, _, _ := strings.Cut(file[prefix:], "/")
	return file[:prefix] + name
}

// problems are the files that cannot be sent.
type problems []*FileError

// add records a problem. It returns nil, so that a scan continues.
func (p *problems) add(e *FileError) error {
	*p = append(*p, e)
	return nil
}

// err returns the problems as an error: a [*FileError] or [*Problems], or nil.
func (p problems) err() error {
	slices.SortFunc(p, func(a, b *FileError) int { return strings.Compare(a.Path, b.Path) })
	switch listed := min(len(p), maxProblems); listed {
	case 0:
		return nil
	case 1:
		return p[0]
	default:
		return &Problems{List: p[:listed], Omitted: len(p) - listed}
	}
}
