package specfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// specKeys are the names of the top-level keys of a spec.
type Keys []string

// isSpecJSON reports whether a JSON file is part of a spec: an object with
// version and another key of a spec. The name beside a version in text is that
// of a package. A file that cannot be read and seems to have a version is one,
// too: a spec with a typing error must not vanish.
func (k Keys) isSpecJSON(text []byte) bool {
	text = yamldoc.TrimBOM(text)
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return len(bytes.TrimSpace(text)) == 0 || isBrokenJSON(err) && bytes.Contains(text, []byte(`"version"`))
	}
	version, ok := keys["version"]
	if !ok {
		return false
	}
	for key := range keys {
		named := key == "name" && !bytes.HasPrefix(version, []byte(`"`))
		if named || key != "version" && key != "name" && slices.Contains(k, key) {
			return true
		}
	}
	return false
}

// isBrokenJSON distinguishes a text that is not JSON from one that is no object.
func isBrokenJSON(err error) bool {
	var wrong *json.UnmarshalTypeError
	return !errors.As(err, &wrong)
}

// looksLikePart reports whether a YAML or JSON text declares resources, or has
// a version and another key of a spec.
func (k Keys) looksLikePart(text []byte) bool {
	return slices.ContainsFunc(topMappings(text), func(keys []string) bool {
		if declaresResources(keys) {
			return true
		}
		return slices.Contains(keys, "version") && slices.ContainsFunc(keys, func(key string) bool {
			return key != "version" && key != "name" && slices.Contains(k, key)
		})
	})
}

// LooksLikeSpec reports whether a text is a spec, or a part of one: it declares
// resources, or has the keys of a spec and no others. Whatever else is wrong
// with it does not matter. No plan and no report is one, though they share keys.
func (k Keys) LooksLikeSpec(text []byte) bool {
	return k.hasOnlySpecKeys(text) || slices.ContainsFunc(topMappings(text), declaresResources)
}

// declaresResources reports whether keys are those of a document that declares sandboxes
// or snapshots.
func declaresResources(keys []string) bool {
	return slices.Contains(keys, "sandboxes") || slices.Contains(keys, "snapshots")
}

// hasOnlySpecKeys reports whether a text says something, and nothing but what a spec
// may say.
func (k Keys) hasOnlySpecKeys(text []byte) bool {
	said := slices.Concat(topMappings(text)...)
	return len(said) > 0 && !slices.ContainsFunc(said, func(key string) bool { return !slices.Contains(k, key) })
}

// topMappings lists the keys of each document. A text with a document that is
// not a mapping has none.
func topMappings(text []byte) [][]string {
	if len(text) > MaxFile || yamldoc.InvalidUTF8(text) >= 0 {
		return nil
	}
	var list [][]string
	for dec := yamldoc.NewDecoder(text); ; {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return list
		case err != nil:
			return nil
		case len(doc.Content) == 0 || yamldoc.IsNull(doc.Content[0]):
			continue
		case doc.Content[0].Kind != yaml.MappingNode:
			return nil
		}
		var keys []string
		for i := 0; i < len(doc.Content[0].Content); i += 2 {
			keys = append(keys, doc.Content[0].Content[i].Value)
		}
		list = append(list, keys)
	}
}

// NodeLooksLikePart reports whether a mapping has a key that others do not have, or
// none but those of a spec.
func (k Keys) NodeLooksLikePart(n *yaml.Node) bool {
	common := []string{"name", "version", "env", "target"}
	unknown := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1].Value
		known := slices.Contains(k, key)
		if known && (!slices.Contains(common, key) || key == "version" && value == "1") {
			return true
		}
		unknown = unknown || !known
	}
	return !unknown
}
