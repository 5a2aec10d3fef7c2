package spec

import (
	"bytes"
	"errors"
	"io"

	"gopkg.in/yaml.v3"
)

// Syntax tells whether a source can be read as YAML, whatever it says. An
// error is of type [Mistakes].
func Syntax(s Source) error {
	l := newLoader(Options{})
	d := l.newDecoder(s)
	if d.isText(s.Text) {
		d.parses(s.Text)
	}
	if l.found > 0 {
		return l.mistakes
	}
	return nil
}

// parses reads all documents of a text.
func (d *decoder) parses(text []byte) {
	for dec := yaml.NewDecoder(bytes.NewReader(WithoutMarks(text))); ; {
		var document yaml.Node
		switch err := dec.Decode(&document); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			d.syntax(err)
			return
		}
	}
}
