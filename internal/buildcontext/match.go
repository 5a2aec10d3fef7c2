package buildcontext

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Match returns the files and directories below the root that a source of COPY or ADD
// selects, as sorted slash paths. The root is ".". The pattern has the syntax of
// [path.Match] and is relative to the root even if it begins with a slash; a pattern
// selects a directory as a whole. Ignored files and directories without files are not
// selected. If nothing remains, or the pattern leads out of the root, the error is a
// [*SourceError]. For a link that leads nowhere and a special file it is a [*FileError].
func (c *Context) Match(pattern string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fail := func(e SourceError) ([]string, error) {
		e.Root, e.Pattern = c.Root, pattern
		if e.Reason == Ignored {
			e.IgnoreFile, e.Line = c.IgnoreFile, c.ignore.decidingLine(e.Path)
		}
		if e.Reason == Missing && e.Path != "" {
			e.Similar = c.similar(e.Path)
		}
		return nil, &e
	}
	cleaned := path.Clean(strings.TrimLeft(pattern, "/"))
	if _, err := path.Match(cleaned, ""); err != nil {
		return fail(SourceError{Reason: BadPattern})
	}
	if cleaned == ".." || strings.HasPrefix(cleaned, "../") {
		return fail(SourceError{Reason: Outside})
	}
	selected, failure, err := c.selectFrom(cleaned, false)
	if err == nil && len(selected) == 0 && failure.Reason == Missing {
		_, failure, err = c.selectFrom(cleaned, true) // it may be ignored
	}
	switch {
	case err != nil:
		return nil, err
	case len(selected) == 0 || failure.Reason == Outside:
		return fail(failure)
	}
	slices.Sort(selected)
	return selected, nil
}

// selectFrom returns the paths that a clean pattern selects, or why it selects none. A
// path that leads out of the root is a failure even if others are selected. Without
// all, ignored directories are not read.
func (c *Context) selectFrom(pattern string, all bool) (selected []string, failure SourceError, err error) {
	failure.Reason = Missing
	candidates, err := c.candidates(pattern, all)
	if err != nil {
		return nil, failure, err
	}
	for _, candidate := range candidates {
		e, err := c.check(candidate)
		switch {
		case err != nil:
			return nil, failure, err
		case e == nil:
			selected = append(selected, candidate)
		case e.Reason == Outside:
			return nil, *e, nil
		case failure.Reason == Missing:
			failure = *e
		}
	}
	return selected, failure, nil
}

// candidates returns the existing paths that a clean pattern matches, ignored or not.
func (c *Context) candidates(pattern string, all bool) ([]string, error) {
	literal, wildcard := splitPattern(pattern)
	if wildcard == "" || !all {
		c.inputs.AddFile(filepath.Join(c.Root, filepath.FromSlash(literal)))
	}
	if wildcard == "" {
		return []string{literal}, nil
	}
	base := filepath.Join(c.Root, filepath.FromSlash(literal))
	c.inputs.addPath(base)
	if info, err := os.Stat(base); err != nil || !info.IsDir() || !c.contains(base) {
		return []string{literal}, nil //nolint:nilerr // the path is checked later
	}
	var found []string
	err := fs.WalkDir(os.DirFS(base), ".", func(rel string, e fs.DirEntry, err error) error {
		switch {
		case rel == ".":
			c.inputs.addPattern(base, rel, wildcard)
			return err
		case err != nil:
			return nil //nolint:nilerr // an unreadable directory matters only if it is selected
		}
		if ok, _ := path.Match(wildcard, rel); ok {
			found = append(found, path.Join(literal, rel))
			return skip(e)
		}
		below := path.Join(literal, rel)
		if !mayContain(wildcard, rel) || !all && c.ignore.ignores(below) && !c.ignore.hasExceptionBelow(below) {
			return skip(e)
		}
		if e.IsDir() {
			c.inputs.addPattern(base, rel, wildcard)
		}
		return nil
	})
	return found, err
}

// skip returns fs.SkipDir for a directory.
func skip(e fs.DirEntry) error {
	if e.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// mayContain reports whether a pattern may match a path below a directory.
func mayContain(pattern, dir string) bool {
	if strings.Contains(pattern, "[") {
		return true // a bracket matches slashes too
	}
	parts := strings.Split(pattern, "/")
	depth := strings.Count(dir, "/") + 1
	if len(parts) <= depth {
		return false
	}
	ok, err := path.Match(strings.Join(parts[:depth], "/"), dir)
	return ok || err != nil
}

// splitPattern returns the directories above the first wildcard of a clean pattern,
// without escapes, and the rest.
func splitPattern(pattern string) (literal, wildcard string) {
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		if name, ok := unescape(part); ok {
			parts[i] = name
			continue
		}
		return path.Join(parts[:i]...), strings.Join(parts[i:], "/")
	}
	return strings.Join(parts, "/"), ""
}

// unescape returns the name that a part of a pattern matches, if it is the only one.
func unescape(part string) (name string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		switch part[i] {
		case '*', '?', '[':
			return "", false
		case '\\':
			i++
		}
		b.WriteByte(part[i]) // a backslash at the end is a bad pattern
	}
	return b.String(), true
}

// check returns why a path below the root cannot be selected, or nil. The error is a
// [*FileError] if the path is a link that leads nowhere, or a special file.
func (c *Context) check(rel string) (*SourceError, error) {
	disk := filepath.Join(c.Root, filepath.FromSlash(rel))
	info, err := os.Lstat(disk)
	switch {
	case missing(err):
		return &SourceError{Reason: Missing, Path: rel}, nil
	case err != nil:
		return nil, err
	case !c.contains(disk):
		return c.outside(rel), nil
	}
	if rel == "." {
		return nil, nil
	}
	ignored := c.ignore.ignores(rel)
	info, problem := resolve(disk, info)
	if problem != nil && !ignored {
		return nil, problem
	}
	if info.IsDir() {
		some, err := c.hasFiles(rel, c.ignore.state(rel))
		if some || err != nil {
			return nil, err
		}
		if !ignored {
			return &SourceError{Reason: Empty, Path: rel}, nil
		}
	}
	if ignored {
		return &SourceError{Reason: Ignored, Path: rel}, nil
	}
	return nil, nil
}

// resolve returns the info of the target of a link, and why it cannot be sent. Of other
// files it returns their own.
func resolve(disk string, info fs.FileInfo) (fs.FileInfo, *FileError) {
	if info.Mode()&fs.ModeSymlink != 0 {
		link, _ := os.Readlink(disk) // empty if it is gone
		target, err := os.Stat(disk)
		switch {
		case missing(err):
			return info, &FileError{Path: disk, Reason: Missing, Target: link, Err: err}
		case errors.Is(err, syscall.ELOOP):
			return info, &FileError{Path: disk, Reason: Cycle, Target: link, Err: err}
		case err != nil:
			return info, &FileError{Path: disk, Reason: Unreadable, Err: err}
		}
		info = target
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return info, &FileError{Path: disk, Reason: Special, Target: specialName(info.Mode())}
	}
	return info, nil
}

// missing reports whether a path does not exist, or is below a file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDirectory)
}

// hasFiles reports whether a directory has a file that is not ignored.
func (c *Context) hasFiles(dir string, state matchState) (bool, error) {
	if state.ignored && !c.ignore.hasExceptionBelow(dir) {
		return false, nil
	}
	entries, err := os.ReadDir(filepath.Join(c.Root, filepath.FromSlash(dir)))
	if errors.Is(err, fs.ErrPermission) {
		return true, nil // the scan reports it together with other unreadable files
	} else if err != nil {
		return false, err
	}
	for _, e := range entries {
		rel := path.Join(dir, e.Name())
		below := c.ignore.match(rel, state)
		some := !below.ignored
		if e.IsDir() {
			if some, err = c.hasFiles(rel, below); err != nil {
				return false, err
			}
		}
		if some {
			return true, nil
		}
	}
	return false, nil
}

// contains reports whether an existing path is in the root once its links are
// resolved. A link without a target counts as contained.
func (c *Context) contains(disk string) bool {
	target, err := realPath(disk)
	return err != nil || within(c.realRoot, target)
}

// outside returns the error for a path that leads out of the root: its first link
// does, or one below.
func (c *Context) outside(rel string) *SourceError {
	e := &SourceError{Reason: Outside, Path: rel}
	for i := range rel + "/" {
		if i < len(rel) && rel[i] != '/' {
			continue
		}
		disk := filepath.Join(c.Root, filepath.FromSlash(rel[:i]))
		if target, err := os.Readlink(disk); err == nil && !c.contains(disk) {
			e.Path, e.Target = rel[:i], target
			break
		}
	}
	return e
}
