package spec

import "fleet/internal/specfile"

// read reads a file of the spec once.
func (l *loader) read(file string) ([]byte, error) {
	return l.cache.Once("file\x00"+file, func() ([]byte, error) { return l.options.files().Read(file, l.named[file]) })
}

// readFile takes in a file, unless it was read before.
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

// reportSkipped reports files that look like parts of the spec, and that
// nothing in it reads. One that earlier versions read is a mistake: what it
// declares would be deleted.
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
