package spec

import (
	"bytes"
	"path/filepath"

	"fleet/internal/diagnostic"

	"gopkg.in/yaml.v3"
)

// documents parses a source and returns the roots of its documents, or reports an
// error and returns none.
func (d *nodeDecoder) documents(text []byte) []*yaml.Node {
	text = d.set.rule.source(text)
	documents, wrong := d.parse(text, maxDocuments-d.set.documents)
	d.set.documents += len(documents)
	switch {
	case wrong != nil:
		d.set.report(wrong)
		return nil
	case len(documents) == 0:
		d.errorfAt(diagnostic.Position{File: d.name, Line: 1, Column: 1}, "", "the file is empty").Hint = "a spec begins with version: 1 and name: NAME"
		return nil
	}
	d.checkFinalNewline(text, documents)
	var roots []*yaml.Node
	for _, doc := range documents {
		if len(doc.Content) > 0 && !isNull(doc.Content[0]) {
			roots = append(roots, doc.Content[0])
		}
	}
	return roots
}

// checkFinalNewline warns of a text that ends in the middle of a value, and notes that
// the other end makes another text of it.
func (d *nodeDecoder) checkFinalNewline(text []byte, documents []*yaml.Node) {
	n := endsInBlockScalar(text, documents)
	if n == nil {
		return
	}
	d.set.differing[finalNewlineRule] = true
	if !bytes.HasSuffix(text, []byte("\n")) {
		m := d.warnf("no-final-newline", n, "", "the file ends within this text: some readers of YAML read a line break at its end, and others, such as fleet, none")
		m.Hint = "end the file with a line break; begin the text with |- or >- if it should end in none"
	}
}

// relative is a path that a file names, seen from the working directory.
func (d *nodeDecoder) relative(p string) string {
	if filepath.IsAbs(p) || d.name == "<stdin>" {
		return p
	}
	return filepath.Join(filepath.Dir(d.name), p)
}
