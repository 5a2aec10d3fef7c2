package spec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/input"
)

// maxFile bounds what is read as a spec.
const maxFile = input.MaxSpec

// Stdin is the path that stands for standard input.
const Stdin = "-"

// Files lists the files that [Options.Load] begins with, each once, in the
// order of their names. What they include is not among them.
func (o Options) Files(paths ...string) ([]string, error) {
	files, _, err := o.find(paths)
	return files, err
}

// find is Files, with what directories hold and is not read.
func (o Options) find(paths []string) (files []string, skipped []skippedFile, err error) {
	for _, p := range paths {
		if p == Stdin {
			files = append(files, p)
			continue
		}
		found, unread, err := o.filesUnder(p)
		if err != nil {
			return nil, nil, err
		}
		files, skipped = append(files, found...), append(skipped, unread...)
	}
	slices.Sort(files)
	return slices.Compact(files), skipped, nil
}

// filesUnder lists a file, or the spec files of a directory.
func (o Options) filesUnder(p string) ([]string, []skippedFile, error) {
	if err := o.checkInsideRoot(p); err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(p)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, &Diagnostic{Pos: Position{File: p}, Message: "there is no such file or directory", Hint: missingHint(p)}
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
		m := &Diagnostic{Pos: Position{File: p}, Message: "there are no .yaml or .yml files in this directory"}
		if len(l.skipped) > 0 {
			m.Hint = l.skipped[0].file + " is not read: " + l.skipped[0].reason
		}
		return nil, nil, m
	}
	return l.files, l.skipped, nil
}

// missingHint says what to do about a spec that is not there.
func missingHint(p string) string {
	if filepath.Base(p) == "fleet.yaml" {
		return "name the spec with -f, or write one with fleet init"
	}
	return "name the spec with -f"
}

// checkInsideRoot refuses a path that leads out of the root, links followed.
func (o Options) checkInsideRoot(p string) error {
	if o.Root == "" {
		return nil
	}
	root, err := realPath(o.Root)
	if err != nil {
		return fmt.Errorf("reading the spec: %w", err)
	}
	path, err := realPath(p)
	if errors.Is(err, os.ErrNotExist) {
		path, err = filepath.Abs(p) // that it is not there is told later
	}
	if err != nil {
		return fmt.Errorf("reading the spec: %w", err)
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return &Diagnostic{Pos: Position{File: p}, Message: "the file is outside of " + o.Root, Hint: "--root names the directory that a spec may read"}
	}
	return nil
}

// fileID is the same for all paths of one file.
func fileID(file string) string {
	if file == Stdin {
		return file
	}
	if path, err := realPath(file); err == nil {
		return path
	}
	abs, _ := filepath.Abs(file) // fails only without a working directory
	return abs
}

func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// read reads a whole file that is part of the spec. Only one that the caller
// named may be a pipe: a spec could keep its reader waiting.
func (o Options) read(file string, named bool) ([]byte, error) {
	if file == Stdin {
		if o.Stdin == nil {
			return nil, &Diagnostic{Pos: Position{File: "<stdin>"}, Message: "there is no standard input to read"}
		}
		return specReadError(input.ReadStream(o.context(), o.Stdin, "<stdin>", maxFile))
	}
	if err := o.checkInsideRoot(file); err != nil {
		return nil, err
	}
	if o.OnOpen != nil {
		o.OnOpen(file)
	}
	if err := o.context().Err(); err != nil {
		return specReadError(nil, err)
	}
	if named {
		return o.readNamed(file)
	}
	return specReadError(input.ReadRegular(file, maxFile))
}

// readEnvFile reads a file that the caller named. A pipe is read once.
func (o Options) readNamed(file string) ([]byte, error) {
	if text, ok := o.Pipes[file]; ok {
		return text, nil
	}
	info, err := os.Stat(file)
	pipe := err == nil && !info.Mode().IsRegular()
	text, err := specReadError(input.ReadNamed(o.context(), file, maxFile))
	if pipe && err == nil && o.Pipes != nil {
		o.Pipes[file] = text
	}
	return text, err
}

// context is what reading ends with.
func (o Options) context() context.Context {
	if o.Context == nil {
		return context.Background()
	}
	return o.Context
}

// specReadError makes errors of reading those of a spec.
func specReadError(text []byte, err error) ([]byte, error) {
	var large *input.TooLargeError
	var irregular *input.NotRegularError
	switch {
	case err == nil:
		return text, nil
	case errors.As(err, &large):
		return nil, &Diagnostic{
			Pos:     Position{File: large.Name},
			Message: "the file is larger than " + input.FormatSize(large.Limit),
			Hint:    "a large spec is written in several files, or with count and for_each",
		}
	case errors.As(err, &irregular):
		return nil, &Diagnostic{
			Pos:     Position{File: irregular.Name},
			Message: strings.TrimPrefix(irregular.Error(), irregular.Name+" is "),
			Hint:    "only paths of the command line may be pipes",
		}
	}
	return nil, fmt.Errorf("reading the spec: %w", err)
}

// read reads a file of the spec once.
func (l *loader) read(file string) ([]byte, error) {
	return l.readOnce("file\x00"+file, func() ([]byte, error) { return l.options.read(file, l.named[file]) })
}

// readOnce reads what has an id, unless it was read before.
func (l *loader) readOnce(id string, read func() ([]byte, error)) ([]byte, error) {
	if text, ok := l.rawContents[id]; ok {
		return text, nil
	}
	text, err := read()
	if l.readBytes += len(text); err == nil && l.readBytes > maxRead {
		err = fmt.Errorf("what the spec reads is larger than %d MiB together", maxRead>>20)
	}
	if err != nil {
		return nil, err
	}
	l.rawContents[id] = text
	return text, nil
}

// readFile takes in a file, unless it was read before.
func (l *loader) readFile(file string) error {
	id := fileID(file)
	if l.seen[id] {
		return nil
	}
	l.seen[id] = true
	text, err := l.read(file)
	if err == nil {
		err = l.checkLimits(file, len(text))
	}
	if err != nil {
		return err
	}
	name := file
	if file == Stdin {
		name = "<stdin>"
	}
	l.addSource(Source{name, text})
	return nil
}

// readIncluded is readFile for a file that another one names.
func (l *loader) readIncluded(file string) error {
	l.includeDepth++
	defer func() { l.includeDepth-- }()
	return l.readFile(file)
}
