package decode

import (
	"bytes"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/yamldoc"
)

// Documents parses text and returns the roots of its documents, without empty ones. If
// it reported an error, it returns nil.
func (d *Decoder) Documents(text []byte) []*yaml.Node { return d.documents(text, d.Parse) }

// DocumentsDeferring is [Decoder.Documents] for a spec whose top-level mapping under key
// is read with [Decoder.EachEntry] only.
func (d *Decoder) DocumentsDeferring(text []byte, key string) []*yaml.Node {
	return d.documents(text, func(text []byte, limit int) ([]*yaml.Node, *diagnostic.Diagnostic) {
		return d.ParseDeferring(text, limit, key)
	})
}

// documents is Documents for a text that parse parses, up to a limit of documents.
func (d *Decoder) documents(text []byte, parse func([]byte, int) ([]*yaml.Node, *diagnostic.Diagnostic)) []*yaml.Node {
	text = d.set.rule.source(text)
	documents, wrong := parse(text, yamldoc.MaxDocuments-d.set.documents)
	d.set.documents += len(documents)
	switch {
	case wrong != nil:
		d.set.Report(wrong)
		return nil
	case len(documents) == 0:
		d.ErrorfAt(diagnostic.Position{File: d.Name, Line: 1, Column: 1}, "", "the file is empty").Hint = "a spec begins with version: 1 and name: NAME"
		return nil
	}
	d.checkFinalNewline(text, documents)
	var roots []*yaml.Node
	for _, doc := range documents {
		if len(doc.Content) > 0 && !yamldoc.IsNull(doc.Content[0]) {
			roots = append(roots, doc.Content[0])
		}
	}
	return roots
}

// checkFinalNewline warns if the file ends within a block scalar, whose value then
// depends on the last line break. It also records that the other spelling reads
// differently.
func (d *Decoder) checkFinalNewline(text []byte, documents []*yaml.Node) {
	n := yamldoc.EndsInBlockScalar(text, documents)
	if n == nil {
		return
	}
	d.set.Differing[finalNewlineRule] = true
	if !bytes.HasSuffix(text, []byte("\n")) {
		m := d.Warnf("no-final-newline", n, "", "the file ends within this text: some readers of YAML read a line break at its end, and others, such as fleet, none")
		m.Hint = "end the file with a line break; begin the text with |- or >- if it should end in none"
	}
}

// Relative returns the path p, which the file names relative to itself, relative to the
// working directory.
func (d *Decoder) Relative(p string) string {
	if filepath.IsAbs(p) || d.Name == "<stdin>" {
		return p
	}
	return filepath.Join(filepath.Dir(d.Name), p)
}
