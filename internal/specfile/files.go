// Package specfile finds and reads the files of a spec, within bounds.
package specfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/diagnostic"
	"fleet/internal/input"
)

// MaxFile is the maximum size, in bytes, of a file of a spec.
const MaxFile = input.MaxSpec

// Stdin is the path that stands for standard input.
const Stdin = "-"

// Options state where the files of a spec may be and how they are read.
type Options struct {
	Root      string            // directory that no file may be outside of; empty allows all
	Recursive bool              // directories are read with all their subdirectories
	Context   context.Context   // ends the reading of pipes; nil never does
	Pipes     map[string][]byte // keeps the content of pipes, by path; nil keeps nothing
	Stdin     io.Reader         // is read for the path "-"; nil refuses it
	Reread    bool              // a path that is a pipe is refused if Pipes does not have it
	OnFind    func(path string) // is called with each path that is named, before it is looked for; may be nil
	OnOpen    func(file string) // is called with each file before it is read; may be nil
	OnList    func(dir string)  // is called with each directory before it is listed; may be nil
	Keys      Keys              // the top-level keys of a spec, by which JSON files are recognized
}

// Find returns the files at paths, sorted and each once, and the files of directories
// that are skipped.
func (o Options) Find(paths []string) (files []string, skipped []Skipped, err error) {
	for _, p := range paths {
		if p == Stdin {
			files = append(files, p)
			continue
		}
		found, unread, err := o.FilesUnder(p)
		if m, ok := errors.AsType[*diagnostic.Diagnostic](err); ok && m.Message == noSuchFile {
			m.Hint = missingHint(p)
		}
		if err != nil {
			return nil, nil, err
		}
		files, skipped = append(files, found...), append(skipped, unread...)
	}
	slices.Sort(files)
	return slices.Compact(files), skipped, nil
}

// FilesUnder returns a file, or the spec files of a directory and those that are
// skipped.
func (o Options) FilesUnder(p string) ([]string, []Skipped, error) {
	if o.OnFind != nil {
		o.OnFind(p)
	}
	if err := o.CheckInsideRoot(p); err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(p)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, &diagnostic.Diagnostic{Pos: diagnostic.Position{File: p}, Message: noSuchFile}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the spec: %w", err)
	}
	if !info.IsDir() {
		return []string{p}, nil, nil
	}
	l, err := o.specFiles(p)
	if err != nil {
		return nil, nil, err
	}
	if len(l.files) == 0 {
		m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: p}, Message: "there are no .yaml or .yml files in this directory"}
		if len(l.skipped) > 0 {
			m.Hint = l.skipped[0].File + " is not read: " + l.skipped[0].Reason
		}
		return nil, nil, m
	}
	return l.files, l.skipped, nil
}

const noSuchFile = "there is no such file or directory"

// missingHint returns the hint for a spec that does not exist.
func missingHint(p string) string {
	if filepath.Base(p) == "fleet.yaml" {
		return "name the spec with -f, or write one with fleet init"
	}
	return "name the spec with -f"
}

// CheckInsideRoot refuses a path outside of the root, after following links.
func (o Options) CheckInsideRoot(p string) error {
	if o.Root == "" {
		return nil
	}
	root, err := realPath(o.Root)
	if err != nil {
		return fmt.Errorf("reading the spec: %w", err)
	}
	path, err := realPath(p)
	if errors.Is(err, os.ErrNotExist) {
		path, err = filepath.Abs(p) // the missing file is reported later
	}
	if err != nil {
		return fmt.Errorf("reading the spec: %w", err)
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return &diagnostic.Diagnostic{Pos: diagnostic.Position{File: p}, Message: "the file is outside of " + o.Root, Hint: "--root names the directory that a spec may read"}
	}
	return nil
}

// ID returns the same text for all paths of one file.
func ID(file string) string {
	if file == Stdin {
		return file
	}
	if path, err := realPath(file); err == nil {
		return path
	}
	abs, _ := filepath.Abs(file) // fails only without a working directory
	return abs
}

// realPath returns the absolute path of p with all links followed.
func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// Read reads a whole file of the spec. named means that the user named it: only then it
// may be a pipe, since a spec could otherwise make fleet wait forever.
func (o Options) Read(file string, named bool) ([]byte, error) {
	if file == Stdin {
		if o.Stdin == nil {
			return nil, &diagnostic.Diagnostic{Pos: diagnostic.Position{File: "<stdin>"}, Message: "there is no standard input to read"}
		}
		return specReadError(input.ReadStream(o.context(), o.Stdin, "<stdin>", MaxFile))
	}
	if err := o.CheckInsideRoot(file); err != nil {
		return nil, err
	}
	if o.OnOpen != nil {
		o.OnOpen(file)
	}
	if err := o.Err(); err != nil {
		return specReadError(nil, err)
	}
	if _, kept := o.Pipes[file]; named && (kept || !o.Reread) {
		return o.readNamed(file)
	}
	text, err := input.ReadRegular(file, MaxFile)
	if irregular := (*input.NotRegularError)(nil); named && errors.As(err, &irregular) {
		return nil, irregularError(irregular, "put a file in its place: pipes are read once, at the start")
	}
	return specReadError(text, err)
}

// readNamed reads a file that the user named. A pipe is read once.
func (o Options) readNamed(file string) ([]byte, error) {
	if text, ok := o.Pipes[file]; ok {
		return text, nil
	}
	info, err := os.Stat(file)
	pipe := err == nil && !info.Mode().IsRegular()
	text, err := specReadError(input.ReadNamed(o.context(), file, MaxFile))
	if pipe && err == nil && o.Pipes != nil {
		o.Pipes[file] = text
	}
	return text, err
}

// Err returns the error of the context, which ends all reading.
func (o Options) Err() error { return o.context().Err() }

// context returns the context, which is never nil.
func (o Options) context() context.Context {
	if o.Context == nil {
		return context.Background()
	}
	return o.Context
}

// specReadError adds the context of a spec to read errors.
func specReadError(text []byte, err error) ([]byte, error) {
	var large *input.TooLargeError
	var irregular *input.NotRegularError
	switch {
	case err == nil:
		return text, nil
	case errors.As(err, &large):
		return nil, &diagnostic.Diagnostic{
			Pos:     diagnostic.Position{File: large.Name},
			Message: "the file is larger than " + input.FormatSize(large.Limit),
			Hint:    "a large spec is written in several files, or with count and for_each",
		}
	case errors.As(err, &irregular):
		return nil, irregularError(irregular, "only paths of the command line may be pipes")
	}
	return nil, fmt.Errorf("reading the spec: %w", err)
}

// irregularError returns the error for a path that is not a regular file.
func irregularError(e *input.NotRegularError, hint string) error {
	return &diagnostic.Diagnostic{Pos: diagnostic.Position{File: e.Name}, Message: strings.TrimPrefix(e.Error(), e.Name+" is "), Hint: hint}
}
