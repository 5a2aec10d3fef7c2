package buildcontext

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A scan lists the files of a source, without reading them.
type scan struct {
	ctx      context.Context
	source   Source
	rules    *ignoreRules
	realRoot string
	limits   limits

	files    []File // without digests
	bytes    int64
	visited  int // directories
	problems problems
}

// A place is a file or directory during a scan.
type place struct {
	parent  *directory // nil for the source
	name    string     // in parent; of the source the path on disk
	rel     string     // slash path below the root, by which rules match
	archive string
	state   matchState
}

// A directory is one that a scan reads.
type directory struct {
	parent *directory // nil for the source
	disk   string
	real   string // path without symbolic links
}

// disk returns the path on disk.
func (p place) disk() string {
	if p.parent == nil {
		return p.name
	}
	return p.parent.disk + string(filepath.Separator) + p.name
}

// isBelow reports whether the place is in a directory with a real path, at any depth.
func (p place) isBelow(real string) bool {
	for d := p.parent; d != nil; d = d.parent {
		if d.real == real {
			return true
		}
	}
	return false
}

// errTooMany stops a scan above the limit of files.
var errTooMany = errors.New("too many files")

// run lists the files of the source, sorted by path.
func (s *scan) run() error {
	disk := s.source.disk(s.source.Archive)
	real, err := realPath(disk)
	switch {
	case missing(err):
		return &FileError{Path: disk, Reason: Missing, Err: err}
	case err != nil:
		return &FileError{Path: disk, Reason: Unreadable, Err: err}
	}
	rel := path.Clean(s.source.Path)
	top := place{name: disk, rel: rel, archive: s.source.Archive, state: s.rules.state(rel)}
	if s.source.isRoot() {
		top.archive = "."
	}
	if !within(s.realRoot, real) {
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
	if err := s.visit(top, fs.FileInfoToDirEntry(info)); err != nil && !errors.Is(err, errTooMany) {
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

// visit adds a file, or the files of a directory. It records what cannot be sent, and
// returns an error only if the scan has to stop.
func (s *scan) visit(p place, e fs.DirEntry) error {
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		return s.visitLink(p)
	case e.IsDir():
		return s.visitDir(p)
	case p.state.ignored:
		return nil
	case !e.Type().IsRegular():
		return s.problems.add(&FileError{Path: p.disk(), Reason: Special, Target: specialName(e.Type())})
	}
	info, err := e.Info()
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk(), Reason: Changed, Err: err})
	}
	return s.addFile(p, info, "")
}

// visitLink adds the target of a link under the name of the link.
func (s *scan) visitLink(p place) error {
	if p.state.ignored && !s.rules.hasExceptionBelow(p.rel) {
		return nil
	}
	target, err := os.Readlink(p.disk())
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk(), Reason: Unreadable, Err: err})
	}
	problem := &FileError{Path: p.disk(), Target: target}
	real, err := realPath(p.disk())
	if err != nil {
		if problem.Reason, problem.Err = Cycle, err; missing(err) {
			problem.Reason = Missing
		}
		return s.problems.add(problem)
	}
	if !within(s.realRoot, real) {
		problem.Reason = Outside
		return s.problems.add(problem)
	}
	info, err := os.Stat(p.disk())
	if err != nil {
		problem.Reason, problem.Err = Unreadable, err
		return s.problems.add(problem)
	}
	switch {
	case info.IsDir() && p.isBelow(real):
		problem.Reason = Cycle
		return s.problems.add(problem)
	case info.IsDir():
		return s.readDir(p, real)
	case p.state.ignored:
		return nil
	case !info.Mode().IsRegular():
		problem.Reason, problem.Target = Special, specialName(info.Mode())
		return s.problems.add(problem)
	}
	return s.addFile(p, info, s.below(real))
}

// below returns the slash path of a real path below the root.
func (s *scan) below(real string) string {
	rel, err := filepath.Rel(s.realRoot, real)
	if err != nil {
		return real
	}
	return filepath.ToSlash(rel)
}

// visitDir adds the files of a directory that is not a link.
func (s *scan) visitDir(p place) error {
	if p.state.ignored && !s.rules.hasExceptionBelow(p.rel) {
		return nil
	}
	if p.parent != nil {
		return s.readDir(p, p.parent.real+string(filepath.Separator)+p.name)
	}
	real, err := realPath(p.disk())
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk(), Reason: Unreadable, Err: err})
	}
	return s.readDir(p, real)
}

// readDir adds the files of a directory with a real path.
func (s *scan) readDir(p place, real string) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.visited++; s.visited > s.limits.files {
		return errTooMany
	}
	dir := &directory{parent: p.parent, disk: p.disk(), real: real}
	entries, err := os.ReadDir(dir.disk)
	if err != nil {
		return s.problems.add(&FileError{Path: dir.disk, Reason: Unreadable, Err: err})
	}
	for _, e := range entries {
		q := place{parent: dir, name: e.Name(), rel: join(p.rel, e.Name())}
		q.state = s.rules.match(q.rel, p.state)
		q.archive = q.rel
		if p.archive != p.rel {
			q.archive = join(p.archive, q.name)
		}
		switch {
		case validName(q.name):
			err = s.visit(q, e)
		case !q.state.ignored:
			err = s.problems.add(&FileError{Path: q.disk(), Reason: BadName})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addFile adds a regular file.
func (s *scan) addFile(p place, info fs.FileInfo, link string) error {
	if strings.HasPrefix(p.archive, dockerfileName+"/") {
		return s.problems.add(&FileError{Path: p.disk(), Reason: Conflicting})
	}
	if len(s.files) == cap(s.files) {
		s.files = slices.Grow(s.files, len(s.files)+1) // append grows large slices in small steps
	}
	s.files = append(s.files, File{Path: p.archive, Mode: archiveMode(info.Mode()), Size: info.Size(), Link: link, stat: newStamp(info)})
	s.bytes += min(info.Size(), math.MaxInt64-s.bytes)
	if len(s.files) > s.limits.files {
		return errTooMany
	}
	return nil
}

// join appends a name to a slash path.
func join(dir, name string) string {
	if dir == "." {
		return name
	}
	return dir + "/" + name
}

// validName reports whether a name can be sent and printed.
func validName(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// specialName returns the kind of a file that is not regular.
func specialName(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}
