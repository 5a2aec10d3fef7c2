package specfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// Keys are the names of the top-level keys of a spec.
type Keys []string

// IsExtension reports whether a top-level key is an extension field, which begins with
// x-. fleet ignores its value, which may hold anchors for other parts of the file.
func IsExtension(key string) bool { return strings.HasPrefix(key, "x-") }

// isSpecJSON reports whether a JSON file is part of a spec: an object with version and
// another key of a spec. A name next to a version that is a string is that of a
// package. A file that is not valid JSON but seems to have a version is treated as a
// spec, too: a syntax error must not remove its resources.
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

// isBrokenJSON reports whether err is about the syntax, not about the type of the
// value.
func isBrokenJSON(err error) bool {
	var wrong *json.UnmarshalTypeError
	return !errors.As(err, &wrong)
}

// looksLikePart reports whether a YAML or JSON text declares resources, or has a
// version and another key of a spec.
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

// LooksLikeSpec reports whether a text is a spec or a part of one: it declares
// resources, or has only keys of a spec. Other errors in it do not matter. Plans and
// reports are not specs, though they share keys.
func (k Keys) LooksLikeSpec(text []byte) bool {
	return k.hasOnlySpecKeys(text) || slices.ContainsFunc(topMappings(text), declaresResources)
}

// declaresResources reports whether the keys of a document include sandboxes or
// snapshots.
func declaresResources(keys []string) bool {
	return slices.Contains(keys, "sandboxes") || slices.Contains(keys, "snapshots")
}

// hasOnlySpecKeys reports whether a text has keys of a spec, and no others except for
// extension fields.
func (k Keys) hasOnlySpecKeys(text []byte) bool {
	keys := slices.DeleteFunc(slices.Concat(topMappings(text)...), IsExtension)
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(k, key) })
}

// topMappings returns the keys of each document. It returns nil if a document is not a
// mapping.
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

// NodeLooksLikePart reports whether a mapping has a key that only specs have, or only
// keys of a spec.
func (k Keys) NodeLooksLikePart(n *yaml.Node) bool {
	common := []string{"name", "version", "env", "target"}
	unknown := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1].Value
		known := slices.Contains(k, key)
		if known && (!slices.Contains(common, key) || key == "version" && value == "1") {
			return true
		}
		unknown = unknown || !known && !IsExtension(key)
	}
	return !unknown
}
