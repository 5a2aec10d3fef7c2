package yamldoc

import (
	"bytes"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// ToggleFinalNewline returns text without its last line break, or with one if it has
// none: an editor or a transfer may change the same file in this way.
func ToggleFinalNewline(text []byte) []byte {
	line, ended := bytes.CutSuffix(text, []byte("\n"))
	if !ended {
		return slices.Concat(text, []byte("\n"))
	}
	return bytes.TrimSuffix(line, []byte("\r"))
}

// EndsInBlockScalar returns the block scalar at the end of a YAML text if its value
// depends on the last line break, and nil otherwise.
func EndsInBlockScalar(text []byte, documents []*yaml.Node) *yaml.Node {
	n := lastNode(documents)
	ended := bytes.HasSuffix(text, []byte("\n"))
	if n == nil || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 || ended && !strings.HasSuffix(n.Value, "\n") {
		return nil
	}
	var others []*yaml.Node
	for dec := NewDecoder(ToggleFinalNewline(text)); ; {
		var document yaml.Node
		if dec.Decode(&document) != nil {
			break
		}
		others = append(others, &document)
	}
	if other := lastNode(others); other == nil || other.Value == n.Value {
		return nil
	}
	return n
}

// lastNode returns the value at the end of the last document.
func lastNode(documents []*yaml.Node) *yaml.Node {
	var n *yaml.Node
	for below := documents; len(below) > 0; below = n.Content {
		n = below[len(below)-1]
	}
	return n
}
