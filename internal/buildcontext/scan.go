package buildcontext

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
)

// A scan lists the files of a source, without reading them.
type scan struct {
	source   Source
	rules    *ignoreRules
	realRoot string
	limits   limits
	workers  int // directories that are read at a time
	queue    queue
	inputs   *Inputs

	inputRules *ignoreRules // a copy of rules for inputs

	listing
}

// A listing is the result of a scan, or of the part of a worker.
type listing struct {
	files    []File // without digests
	bytes    int64
	problems problems
}

// run lists the files of the source, sorted by path.
func (s *scan) run(ctx context.Context) error {
	disk := s.source.disk(s.source.Archive)
	end, err := realPath(disk)
	switch {
	case missing(err):
		target, _ := os.Readlink(disk) // empty if it is no link
		return &FileError{Path: disk, Reason: Missing, Target: target, Err: err}
	case err != nil:
		return &FileError{Path: disk, Reason: Unreadable, Err: err}
	}
	rel := path.Clean(s.source.Path)
	top := place{name: disk, rel: rel, archive: s.source.Archive, state: s.rules.state(rel)}
	if s.source.isRoot() {
		top.archive = "."
	}
	if !within(s.realRoot, end) {
		target, _ := os.Readlink(disk) // empty if a directory above is the link
		return &FileError{Path: disk, Reason: Outside, Target: target}
	}
	info, err := os.Lstat(disk)
	if err != nil {
		return &FileError{Path: disk, Reason: Unreadable, Err: err}
	}
	if top.state.ignored && !info.IsDir() {
		return &FileError{Path: disk, Reason: Ignored, Target: fmt.Sprintf("%s:%d", s.source.IgnoreFile, s.rules.decidingLine(rel))}
	}
	if err := s.walk(ctx, top, fs.FileInfoToDirEntry(info)); err != nil && !errors.Is(err, errTooMany) {
		return err
	}
	if err := s.problems.err(); err != nil {
		return err
	}
	if err := s.checkLimits(); err != nil {
		return err
	}
	if len(s.files) == 0 && !s.source.isRoot() {
		return &FileError{Path: disk, Reason: Empty}
	}
	slices.SortFunc(s.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// walk visits a place and all below it.
func (s *scan) walk(ctx context.Context, top place, e fs.DirEntry) error {
	s.queue.init(s.limits.files)
	if s.inputs != nil {
		s.inputRules = s.rules.clone()
	}
	first := s.newScanner()
	err := first.visit(top, e)
	s.add(first.listing)
	if err != nil {
		return err
	}
	scanners := make([]*scanner, s.workers)
	var group sync.WaitGroup
	for i := range scanners {
		scanners[i] = s.newScanner()
		group.Go(func() { scanners[i].work(ctx) })
	}
	group.Wait()
	for _, sc := range scanners {
		s.add(sc.listing)
	}
	return s.queue.err
}

// add appends a part of the listing.
func (l *listing) add(part listing) {
	l.files = append(l.files, part.files...)
	l.bytes += min(part.bytes, math.MaxInt64-l.bytes)
	l.problems = append(l.problems, part.problems...)
}
