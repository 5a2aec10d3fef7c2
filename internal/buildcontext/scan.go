package buildcontext

import (
	"context"
	"errors"
	"io/fs"
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
	disk    string
	rel     string // slash path below the root, by which rules match
	archive string
	state   matchState
	dirs    []string // the real paths of the directories that contain it
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
	top := place{disk: disk, rel: path.Clean(s.source.Path), archive: s.source.Archive, state: s.rules.state(path.Clean(s.source.Path))}
	if s.source.isRoot() {
		top.archive = "."
	}
	if !within(s.realRoot, real) {
		target, _ := os.Readlink(disk)
		return &FileError{Path: disk, Reason: Outside, Target: target}
	}
	info, err := os.Lstat(disk)
	if err != nil {
		return &FileError{Path: disk, Reason: Unreadable, Err: err}
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
		return s.visitDir(p, e.Name())
	case p.state.ignored:
		return nil
	case !e.Type().IsRegular():
		return s.problems.add(&FileError{Path: p.disk, Reason: Special, Target: specialName(e.Type())})
	}
	info, err := e.Info()
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk, Reason: Changed, Err: err})
	}
	return s.addFile(p, info, "")
}

// visitLink adds the target of a link under the name of the link.
func (s *scan) visitLink(p place) error {
	if p.state.ignored && !s.rules.hasExceptionBelow(p.rel) {
		return nil
	}
	target, err := os.Readlink(p.disk)
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk, Reason: Unreadable, Err: err})
	}
	problem := &FileError{Path: p.disk, Target: target}
	real, err := realPath(p.disk)
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
	info, err := os.Stat(p.disk)
	if err != nil {
		problem.Reason, problem.Err = Unreadable, err
		return s.problems.add(problem)
	}
	switch {
	case info.IsDir() && slices.Contains(p.dirs, real):
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
func (s *scan) visitDir(p place, name string) error {
	if p.state.ignored && !s.rules.hasExceptionBelow(p.rel) {
		return nil
	}
	if len(p.dirs) > 0 {
		return s.readDir(p, filepath.Join(p.dirs[len(p.dirs)-1], name))
	}
	real, err := realPath(p.disk)
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk, Reason: Unreadable, Err: err})
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
	entries, err := os.ReadDir(p.disk)
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk, Reason: Unreadable, Err: err})
	}
	dirs := append(slices.Clip(p.dirs), real)
	for _, e := range entries {
		name := e.Name()
		q := place{disk: p.disk + string(filepath.Separator) + name, rel: join(p.rel, name), archive: join(p.archive, name), dirs: dirs}
		q.state = s.rules.match(q.rel, p.state)
		if !validName(name) {
			if !q.state.ignored {
				err = s.problems.add(&FileError{Path: q.disk, Reason: BadName})
			}
		} else {
			err = s.visit(q, e)
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
		return s.problems.add(&FileError{Path: p.disk, Reason: Conflicting})
	}
	s.files = append(s.files, File{Path: p.archive, Mode: archiveMode(info.Mode()), Size: info.Size(), Link: link, stat: newStamp(info)})
	s.bytes += info.Size()
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
