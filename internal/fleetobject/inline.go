package fleetobject

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// MaxInline is the size in bytes of the largest spec in an object, as JSON. The operator
// refuses larger ones, since a server keeps at most 1.5 MiB of an object.
const MaxInline = 512 << 10

// errSeveralFiles is the reason why a spec of several files is in ConfigMaps.
var errSeveralFiles = errors.New("it has several files")

// A form is where an object has its spec.
type form struct {
	inline *yaml.Node  // nil if the spec is in ConfigMaps
	maps   []configMap // in order
}

// inline returns the spec as a part of the object. The error is the reason why it cannot be.
func (r *reading) inline() (form, error) {
	if len(r.parts) != 1 || len(r.others) > 0 {
		return form{}, errSeveralFiles
	}
	text, err := readFile(r.parts[0])
	if err != nil {
		return form{}, err
	}
	n, err := onlyDocument(text)
	if err != nil {
		return form{}, err
	}
	data, err := plain(n)
	if err != nil {
		return form{}, err
	}
	asJSON, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return form{}, err
	}
	if len(asJSON) > MaxInline {
		return form{}, fmt.Errorf("it has %d bytes, and an object holds at most %d", len(asJSON), MaxInline)
	}
	if err := r.verify([]file{{name: "spec.fleet", text: asJSON, part: true}}); err != nil {
		return form{}, errors.New("as a part of the object, its numbers would be read differently")
	}
	return form{inline: n}, nil
}

// onlyDocument returns the mapping of the only document in a text.
func onlyDocument(text []byte) (*yaml.Node, error) {
	var document, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&document); err != nil || len(document.Content) != 1 {
		return nil, errors.New("it is not plain YAML")
	}
	if d.Decode(&more) == nil {
		return nil, errors.New("it has several documents")
	}
	n := document.Content[0]
	if n.HeadComment == "" {
		n.HeadComment = document.HeadComment
	}
	return n, nil
}

// plain returns the value of a node, and writes the node so that every reader of YAML reads
// the same value: kubectl reads on as true, 010 as 8 and 3.10 as 3.1.
func plain(n *yaml.Node) (any, error) {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		return nil, errors.New("it has anchors")
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				return nil, errors.New("it has merge keys")
			}
			setText(key)
			value, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[key.Value] = value
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			var err error
			if list[i], err = plain(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return scalar(n)
}

// scalar is plain for scalars. A number that another reader would write in another way is
// written as a text.
func scalar(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", nil
	case "!!int", "!!float":
		if number, ok := canonicalNumber(n.Value); ok {
			return number, nil
		}
	case "!!str", "!!timestamp":
	default:
		return nil, fmt.Errorf("it has the tag %s", n.Tag)
	}
	setText(n)
	return n.Value, nil
}

// canonicalNumber returns a number that is written as JSON writes it.
func canonicalNumber(s string) (json.Number, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return json.Number(s), strconv.FormatInt(i, 10) == s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "", false
	}
	written, err := json.Marshal(f)
	return json.Number(s), err == nil && string(written) == s
}

// misread matches plain texts that YAML 1.1 does not read as texts.
var misread = regexp.MustCompile(`^([-+.]?[0-9].*|[=~<]+|y|Y|n|N|(?i:yes|no|on|off|true|false|null|\.inf|[-+]\.inf|\.nan))$`)

// setText makes a scalar one that is a text for all readers.
func setText(n *yaml.Node) {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 && misread.MatchString(n.Value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	n.Tag = "!!str"
}
