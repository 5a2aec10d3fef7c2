package completion

import (
	"bytes"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"

	"fleet/internal/input"
)

// plainKey matches the keys that need no quoting in a shell.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// Keys returns the keys of a section at the top of regular files of the spec, such as vars,
// sorted. The spec may have errors: a file that cannot be read or is no YAML has no keys.
// Includes are not followed.
func Keys(section string, files []string) []string {
	var list []string
	for _, file := range files {
		text, err := input.ReadRegular(file, input.MaxSpec)
		if err != nil {
			continue
		}
		documents := yaml.NewDecoder(bytes.NewReader(text))
		for {
			var document yaml.Node // decoding into a map panics on some input
			if documents.Decode(&document) != nil {
				break
			}
			if len(document.Content) > 0 {
				list = append(list, plainKeys(value(document.Content[0], section))...)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// value returns the value of a key of a mapping; nil if there is none.
func value(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// plainKeys returns the plain keys of a mapping. n may be nil.
func plainKeys(n *yaml.Node) []string {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var list []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Value; plainKey.MatchString(key) {
			list = append(list, key)
		}
	}
	return list
}
