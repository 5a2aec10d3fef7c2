package spec

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"

	"fleet/internal/specfile"
	"fleet/internal/yamldoc"
)

// read reads a file of the spec, unless it was read before.
func (l *loader) read(file string) ([]byte, error) {
	return l.cache.Once("file\x00"+file, func() ([]byte, error) { return l.options.files().Read(file, l.named[file]) })
}

// readFile adds a file to the spec, unless it was added before.
func (l *loader) readFile(file string) error {
	id := specfile.ID(file)
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
	l.addSource(Source{Name: name, Text: text})
	return nil
}

// readIncluded is readFile for a file that another one names.
func (l *loader) readIncluded(file string) error {
	l.includeDepth++
	defer func() { l.includeDepth-- }()
	return l.readFile(file)
}

// reportSkipped warns of files that look like part of the spec and were not read. It
// reports an error for one that earlier versions of fleet read, since its resources
// would be deleted.
func (l *loader) reportSkipped() {
	for _, u := range l.skipped {
		id := specfile.ID(u.File)
		if l.seen[id] || l.overlays[id] {
			continue
		}
		m := &Diagnostic{Pos: Position{File: u.File}, Message: "it looks like part of the spec and is not read: " + u.Reason}
		if u.ReadByEarlier {
			m.Message = "hidden files of a directory are no longer read, and this one declares a part of the spec"
			m.Hint = "give it a name without the leading dot, include it by its name, or move it out of the directory"
			l.Report(m)
			continue
		}
		m.Hint = "rename it, name it with -f or include, or move it out of the directory"
		m.Warning, m.Rule = true, "not-read"
		l.Warn(m)
	}
}

// Limits on all files of a spec together, including those that it includes or refers
// to. specfile.MaxFile limits a single file.
const (
	maxFiles    = 10_000   // YAML files
	maxYAML     = 32 << 20 // bytes of YAML; in memory it takes up to 200 times as much
	maxIncludes = 100      // depth of files that include each other
)

// checkLimits returns an error if one more file exceeds the limits of a spec, and nil
// otherwise. size is in bytes.
func (l *loader) checkLimits(file string, size int) error {
	var wrong string
	switch l.yamlBytes += size; {
	case l.includeDepth > maxIncludes:
		wrong = fmt.Sprintf("files include each other more than %d deep", maxIncludes)
	case len(l.Sources) >= maxFiles:
		wrong = fmt.Sprintf("the spec has more than %d files", maxFiles)
	case l.yamlBytes > maxYAML:
		wrong = fmt.Sprintf("the files of the spec are larger than %d MiB together", maxYAML>>20)
	default:
		return nil
	}
	return &Diagnostic{Pos: Position{File: file}, Message: wrong, Hint: "a large spec is written with count and for_each, or as several fleets"}
}

// markUntrusted keeps the text of the decoder's file out of diagnostics until the file
// is known to be part of a spec: a spec, or a link in a checkout, can name any file of
// the machine.
func (l *loader) markUntrusted(d *decoder) {
	info, err := os.Lstat(d.Name)
	d.Untrusted = l.includeDepth > 0 || err == nil && info.Mode()&os.ModeSymlink != 0
}

// checkIsSpec reports whether the documents of a file are part of a spec. If not, it
// reports an error at the first that is not.
func (d *decoder) checkIsSpec(roots []*yaml.Node) bool {
	if !d.Untrusted {
		return true
	}
	for _, n := range roots {
		switch {
		case n.Kind != yaml.MappingNode:
			d.Errorf(n, "", "expected a mapping of keys to values, got %s", yamldoc.NodeKind(n))
			return false
		case len(n.Content) > 0 && !topKeys.NodeLooksLikePart(n):
			d.Errorf(n, "", "this is not part of a spec: it does not have the keys of one").Hint = "name a file that has some of version, name, vars, sandboxes, ..."
			return false
		}
	}
	d.Untrusted = false
	return true
}
