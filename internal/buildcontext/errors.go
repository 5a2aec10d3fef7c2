package buildcontext

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"fleet/internal/foreign"
	"fleet/internal/input"
)

// A Reason is why a source or a file cannot be sent.
type Reason string

// The reasons.
const (
	Missing     Reason = "missing"
	Ignored     Reason = "ignored"     // by a line of the ignore file
	Outside     Reason = "outside"     // leads out of the root
	Empty       Reason = "empty"       // a directory without files to send
	BadPattern  Reason = "bad pattern" // malformed
	Cycle       Reason = "cycle"       // a link to a directory that contains it
	Special     Reason = "special"     // a socket, pipe or device
	BadName     Reason = "bad name"    // not UTF-8, or with control characters
	Unreadable  Reason = "unreadable"
	Changed     Reason = "changed" // while it was read
	Conflicting Reason = "conflicting"
)

// A SourceError is a source of COPY or ADD that cannot be sent.
type SourceError struct {
	Root    string
	Pattern string // as given
	Reason  Reason // Missing, Ignored, Outside, Empty or BadPattern
	Path    string // slash path below Root of the file that is ignored or leads outside
	Target  string // of the link, if Path is a link that leads outside
	Similar string // with Missing, an existing path below Root that may be meant; may be empty

	IgnoreFile string // with Ignored
	Line       int    // of IgnoreFile
}

func (e *SourceError) Error() string {
	pattern := foreign.Escape(e.Pattern)
	switch e.Reason {
	case Ignored:
		return fmt.Sprintf("%s is ignored (%s:%d); remove the line or add an exception that begins with !", pattern, e.IgnoreFile, e.Line)
	case Outside:
		if e.Target != "" {
			return fmt.Sprintf("%s leads out of the build context %s: %s is a link to %s", pattern, e.Root, foreign.Escape(e.Path), foreign.Escape(e.Target))
		}
		return fmt.Sprintf("%s leads out of the build context %s; copy the file into it, or name a directory above as the context", pattern, e.Root)
	case Empty:
		return fmt.Sprintf("%s has no files that are sent; the server drops empty directories", pattern)
	case BadPattern:
		return fmt.Sprintf("%s is not a valid pattern", pattern)
	case Missing:
		if e.Similar != "" {
			return fmt.Sprintf("%s not found in the build context %s; did you mean %q?", pattern, e.Root, e.Similar)
		}
	}
	return fmt.Sprintf("%s not found in the build context %s", pattern, e.Root)
}

// An IgnoreFileError is a wrong line of an ignore file.
type IgnoreFileError struct {
	File string
	Line int
	Text string
	Err  error
}

func (e *IgnoreFileError) Error() string {
	const maxText = 80 // bytes; longer lines are cut
	return fmt.Sprintf("%s:%d: %s: %v", e.File, e.Line, foreign.Escape(e.Text[:min(len(e.Text), maxText)]), e.Err)
}

// Unwrap returns the cause.
func (e *IgnoreFileError) Unwrap() error { return e.Err }

// A FileError is a file that cannot be sent.
type FileError struct {
	Path   string // on disk
	Reason Reason // any but BadPattern
	Target string // of a link; with Ignored the line of the ignore file; with Special the kind of file
	Err    error  // the cause; nil if there is none
}

func (e *FileError) Error() string {
	path, target := foreign.Escape(e.Path), foreign.Escape(e.Target)
	switch e.Reason {
	case Ignored:
		return fmt.Sprintf("%s is ignored (%s); remove the line or add an exception that begins with !", path, target)
	case Outside:
		if e.Target == "" {
			return path + " is outside of the build context; copy the file into it"
		}
		return fmt.Sprintf("%s is a link to %s, which is outside of the build context; copy the file or ignore the link", path, target)
	case Missing:
		if e.Target != "" {
			return fmt.Sprintf("%s is a link to %s, which does not exist; remove or ignore the link", path, target)
		}
		return path + " does not exist"
	case Cycle:
		return fmt.Sprintf("%s is a link to %s, a directory that contains the link; ignore the link", path, target)
	case Special:
		return fmt.Sprintf("%s is a %s; only regular files can be sent; ignore it", path, target)
	case BadName:
		return path + ": the name is not UTF-8 or has control characters; rename or ignore the file"
	case Changed:
		if errors.Is(e.Err, fs.ErrNotExist) {
			return path + " was removed while it was in use; run the command again"
		}
		return path + " changed while it was read; run the command again"
	case Empty:
		return path + " has no files that are sent; the server drops empty directories"
	case Conflicting:
		return path + " is in the place of the Dockerfile; rename or ignore it"
	default:
		return fmt.Sprintf("cannot read %s: %v", path, e.Err)
	}
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// A LimitError is a source with too many files or bytes.
type LimitError struct {
	Path    string  // of the source, on disk
	Limit   int64   // bytes, or files
	Files   bool    // whether the limit is a number of files
	Largest []Usage // its largest parts among the files that were listed, the largest one first
}

// Usage is the size of a part of a source.
type Usage struct {
	Path  string // slash path in the archive
	Files int
	Bytes int64
}

func (e *LimitError) Error() string {
	limit := input.FormatSize(e.Limit)
	if e.Files {
		limit = countFiles(int(e.Limit))
	}
	var parts []string
	for _, u := range e.Largest {
		parts = append(parts, fmt.Sprintf("%s (%s, %s)", foreign.Escape(u.Path), countFiles(u.Files), FormatBytes(u.Bytes)))
	}
	return fmt.Sprintf("%s is above the limit of %s; ignore files that the image does not need; the largest parts are %s",
		e.Path, limit, strings.Join(parts, ", "))
}

// Problems are the files of a source that cannot be sent.
type Problems struct {
	List    []*FileError // the first ones, by path
	Omitted int          // further ones
}

func (p *Problems) Error() string {
	var lines []string
	for _, e := range p.List {
		lines = append(lines, e.Error())
	}
	if p.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", p.Omitted))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors of the list.
func (p *Problems) Unwrap() []error {
	list := make([]error, len(p.List))
	for i, e := range p.List {
		list[i] = e
	}
	return list
}
