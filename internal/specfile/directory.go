package specfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/diagnostic"
	"fleet/internal/input"
)

// A dirListing is the result of listing a directory.
type dirListing struct {
	options Options
	files   []string        // that are read
	skipped []Skipped       // that look like parts of a spec
	visited map[string]bool // directories, by ID
	links   []string        // to directories that are not listed yet
}

// A Skipped is a file of a directory that is not read though it looks like part of a
// spec.
type Skipped struct {
	File          string // path
	Reason        string // why it is skipped, such as "it is not a regular file"
	ReadByEarlier bool   // earlier versions of fleet read it
}

// specFiles lists the files of a directory that are read as a spec, each directory
// once: first the real directories, then those behind links.
func (o Options) specFiles(dir string) (*dirListing, error) {
	l := &dirListing{options: o, visited: map[string]bool{}}
	if err := l.directory(dir); err != nil {
		return nil, err
	}
	for len(l.links) > 0 {
		link := l.links[0]
		l.links = l.links[1:]
		if err := o.CheckInsideRoot(link); err != nil {
			return nil, err
		}
		if err := l.directory(link); err != nil {
			return nil, err
		}
	}
	slices.Sort(l.files)
	return l, nil
}

// directory adds the entries of a directory, unless it was visited under another name.
func (l *dirListing) directory(dir string) error {
	id := ID(dir)
	if l.visited[id] {
		return nil
	}
	l.visited[id] = true
	if err := l.options.Err(); err != nil {
		return fmt.Errorf("reading the spec: %w", err)
	}
	if l.options.OnList != nil {
		l.options.OnList(dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading the spec: %w", err)
	}
	for _, e := range entries {
		if err := l.entry(filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

// entry adds one entry of a directory.
func (l *dirListing) entry(path string, e fs.DirEntry) error {
	linked := e.Type()&fs.ModeSymlink != 0
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || linked && err != nil:
		return l.rejectDanglingLink(path)
	case err != nil:
		return fmt.Errorf("reading the spec: %w", err)
	case !info.IsDir():
		return l.file(path, info)
	case isHidden(path):
	case !l.options.Recursive:
		if isYAML(path) {
			l.skipped = append(l.skipped, Skipped{File: path, Reason: "it is a directory; -R reads the files in it"})
		}
	case linked:
		l.links = append(l.links, path)
	default:
		return l.directory(path)
	}
	return nil
}

// rejectDanglingLink refuses a link without a target that may stand for files of the
// spec. Hidden links are ignored, since editors use them as locks.
func (l *dirListing) rejectDanglingLink(path string) error {
	mayBeDirectory := l.options.Recursive && filepath.Ext(path) == ""
	if isHidden(path) || !isYAML(path) && !isJSON(path) && !mayBeDirectory {
		return nil
	}
	return &diagnostic.Diagnostic{
		Pos:     diagnostic.Position{File: path},
		Message: "the link leads nowhere, or in a circle: what it stood for would be missing from the spec",
		Hint:    "correct the link, or remove it",
	}
}

// file adds a file, or records that it is skipped.
func (l *dirListing) file(path string, info fs.FileInfo) error {
	switch {
	case !isYAML(path) && !isJSON(path) && !isNearlyYAML(path):
	case !info.Mode().IsRegular():
		if !isHidden(path) {
			l.skipped = append(l.skipped, Skipped{File: path, Reason: "it is not a regular file"})
		}
	case isYAML(path) && !isHidden(path):
		l.files = append(l.files, path)
	default:
		text, err := l.options.peek(path)
		if err != nil {
			return err
		}
		l.classify(path, text)
	}
	return nil
}

// classify adds or skips a file depending on its text.
func (l *dirListing) classify(path string, text []byte) {
	switch {
	case isHidden(path):
		if earlier := isEarlierYAML(path) && l.options.Keys.hasOnlySpecKeys(text); earlier || l.options.Keys.looksLikePart(text) {
			l.skipped = append(l.skipped, Skipped{path, "hidden files of a directory are not read", earlier})
		}
	case isJSON(path) && l.options.Keys.isSpecJSON(text):
		l.files = append(l.files, path)
	case isJSON(path) && l.options.Keys.looksLikePart(text):
		l.skipped = append(l.skipped, Skipped{File: path, Reason: "it has no version, which distinguishes a spec from other JSON files"})
	case !isJSON(path) && l.options.Keys.looksLikePart(text):
		l.skipped = append(l.skipped, Skipped{File: path, Reason: "its name does not end in .yaml, .yml or .json"})
	}
}

// peek reads the beginning of a file that may not be part of the spec. It returns nil
// for a hidden file without read permission and for a file outside of the root.
func (o Options) peek(file string) ([]byte, error) {
	if o.CheckInsideRoot(file) != nil {
		return nil, nil
	}
	f, err := input.Open(file)
	if errors.Is(err, fs.ErrPermission) && isHidden(file) {
		return nil, nil
	}
	if err != nil {
		return specReadError(nil, err)
	}
	defer f.Close()
	return specReadError(io.ReadAll(io.LimitReader(f, MaxFile+1)))
}

// MayBeSpec reports whether a file of this name in a directory can be part of a spec.
// For a JSON file it depends on the content.
func MayBeSpec(name string) bool { return !isHidden(name) && (isYAML(name) || isJSON(name)) }

// isHidden reports whether the base name begins with a dot.
func isHidden(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") }

// isJSON reports whether the name ends in .json, in any case.
func isJSON(name string) bool { return strings.EqualFold(filepath.Ext(name), ".json") }

// isYAML reports whether the name ends in .yaml or .yml, in any case.
func isYAML(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// isEarlierYAML reports whether earlier versions of fleet read a file of this name in a
// directory, hidden or not.
func isEarlierYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// isNearlyYAML reports whether a name is similar to that of a YAML file, such as
// fleet.yaml.txt. Backup copies of editors do not count.
func isNearlyYAML(name string) bool {
	name = strings.ToLower(filepath.Base(name))
	if strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, ".swp") {
		return false
	}
	ext := filepath.Ext(name)
	return strings.Contains(name, ".yaml.") || strings.Contains(name, ".yml.") ||
		ext != "" && slices.Contains([]string{".yalm", ".ymal", ".yamll", ".yaml5", ".yl", ".yam"}, ext)
}
