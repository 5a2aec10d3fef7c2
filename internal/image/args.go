package image

import (
	"regexp"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
)

// DecodeArgs reads build arguments: a mapping of names to texts of one line. It returns
// false if it reported an error.
func DecodeArgs(d *decode.Decoder, n *yaml.Node, path string) ([]Arg, bool) {
	before := d.ErrorCount()
	var args []Arg
	entries, _ := d.Entries(n, path)
	for _, e := range entries {
		where := at(path, e.Name)
		if !argNamePattern.MatchString(e.Name) {
			d.Errorf(e.Key, where, "%q is not the name of a build argument", e.Name)
			continue
		}
		args = append(args, Arg{Name: e.Name, Value: reader{d}.value(e, where), Pos: d.Position(e.Key), Path: where})
	}
	return args, d.ErrorCount() == before
}

// argNamePattern matches the names of build arguments.
var argNamePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
