package buildcontext

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A scanner is a worker of a scan.
type scanner struct {
	scan  *scan
	rules *ignoreRules // its own
	listing
}

func (s *scan) newScanner() *scanner { return &scanner{scan: s, rules: s.rules.clone()} }

// work reads directories until there are no more.
func (s *scanner) work(ctx context.Context) {
	for {
		t, ok := s.scan.queue.take()
		if !ok {
			return
		}
		before := len(s.files)
		err := ctx.Err()
		if err == nil {
			err = s.readDir(t)
		}
		s.scan.queue.finish(len(s.files)-before, err)
	}
}

// visit adds a file, or the files of a directory. It records what cannot be sent, and
// returns an error only if the scan has to stop.
func (s *scanner) visit(p place, e fs.DirEntry) error {
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

// visitLink adds the target of a link under the name of the link. A link that is ignored
// matters only if it leads to a directory in which an exception may apply.
func (s *scanner) visitLink(p place) error {
	if p.state.ignored && !s.rules.hasExceptionBelow(p.rel) {
		return nil
	}
	s.scan.inputs.addPath(p.disk())
	end, info, problem := s.scan.follow(p)
	switch {
	case problem == nil && info.IsDir():
		return s.scan.queue.push(task{p, end})
	case p.state.ignored:
		return nil
	case problem != nil:
		return s.problems.add(problem)
	}
	s.scan.inputs.AddFile(end)
	return s.addFile(p, info, s.below(end))
}

// follow returns the target of a link, which is a directory or a regular file.
func (s *scan) follow(p place) (end string, info fs.FileInfo, problem *FileError) {
	problem = &FileError{Path: p.disk(), Reason: Unreadable}
	if problem.Target, problem.Err = os.Readlink(problem.Path); problem.Err != nil {
		return "", nil, problem
	}
	if end, problem.Err = realPath(problem.Path); problem.Err == nil {
		info, problem.Err = os.Stat(problem.Path)
	}
	var failed *fs.PathError
	switch {
	case missing(problem.Err):
		problem.Reason = Missing
	case problem.Err != nil && !errors.As(problem.Err, &failed): // too many links
		problem.Reason = Cycle
	case problem.Err != nil:
	case !within(s.realRoot, end):
		problem.Reason = Outside
	case info.IsDir() && p.isBelow(end):
		problem.Reason = Cycle
	case !info.IsDir() && !info.Mode().IsRegular():
		problem.Reason, problem.Target = Special, specialName(info.Mode())
	default:
		problem = nil
	}
	return end, info, problem
}

// below returns the slash path of a real path below the root.
func (s *scanner) below(end string) string {
	rel, err := filepath.Rel(s.scan.realRoot, end)
	if err != nil {
		return end
	}
	return filepath.ToSlash(rel)
}

// visitDir adds the files of a directory that is not a link.
func (s *scanner) visitDir(p place) error {
	if p.state.ignored && !s.rules.hasExceptionBelow(p.rel) {
		return nil
	}
	if p.parent != nil {
		return s.scan.queue.push(task{p, p.parent.real + string(filepath.Separator) + p.name})
	}
	end, err := realPath(p.disk())
	if err != nil {
		return s.problems.add(&FileError{Path: p.disk(), Reason: Unreadable, Err: err})
	}
	return s.scan.queue.push(task{p, end})
}

// readDir adds the files of a directory, and puts the directories in it into the queue.
func (s *scanner) readDir(t task) error {
	p := t.place
	dir := &directory{parent: p.parent, disk: p.disk(), real: t.real}
	s.scan.inputs.addScanned(t, s.scan.inputRules)
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
func (s *scanner) addFile(p place, info fs.FileInfo, link string) error {
	if strings.HasPrefix(p.archive, dockerfileName+"/") {
		return s.problems.add(&FileError{Path: p.disk(), Reason: Conflicting})
	}
	if len(s.files) == cap(s.files) {
		s.files = slices.Grow(s.files, len(s.files)+1) // append grows large slices in small steps
	}
	s.files = append(s.files, File{Path: p.archive, Mode: archiveMode(info.Mode()), Size: info.Size(), Link: link, stat: newStamp(info)})
	s.bytes += min(info.Size(), math.MaxInt64-s.bytes)
	if len(s.files) > s.scan.limits.files {
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
