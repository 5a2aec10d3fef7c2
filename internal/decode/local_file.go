package decode

import (
	"bytes"
	"slices"
)

// LocalFile returns the bytes of a file that the spec names relative to itself, with LF
// line ends and without a byte order mark, and its path relative to the working
// directory. The file becomes a source of the spec.
func (d *Decoder) LocalFile(name string) (text []byte, file string, err error) {
	file = d.Relative(name)
	raw, err := d.set.options.Read(file)
	if err != nil {
		return nil, file, err
	}
	if !slices.Contains(d.set.Sources, file) {
		d.set.Sources = append(d.set.Sources, file)
	}
	return bytes.Clone(CurrentRule.file(raw)), file, nil
}
