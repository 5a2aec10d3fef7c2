package spec

import (
	"errors"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/image"
)

// imageBase reads the base of an image. A Dockerfile that is given as the text of a file
// is no secret: its differences are shown.
func (d *decoder) imageBase(name string, n *yaml.Node, path string) (any, bool) {
	file, isFile := d.FromFile(n, path)
	if name != dockerfileKey || !isFile {
		return image.DecodeBase(d.Decoder, name, n, path)
	}
	text, _, err := d.FileText(file)
	switch {
	case errors.Is(err, decode.ErrEncrypted):
		return image.DecodeBase(d.Decoder, name, n, path)
	case err != nil:
		d.Errorf(n, path, "%s", decode.ReadErrorText(err))
		return nil, false
	}
	b, ok := image.DecodeBase(d.Decoder, fromDockerfileKey, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: file, Line: n.Line, Column: n.Column}, path)
	b.Text = strings.TrimRight(text, "\n") + "\n" // by the rule for texts of files
	return b, ok
}

// Keys of bases that name files.
const (
	dockerfileKey     = "dockerfile"
	fromDockerfileKey = "from_dockerfile"
)
