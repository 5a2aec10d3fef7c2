package yamldoc

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"
)

// FollowAlias follows an alias. An anchor cannot contain itself in a node tree
// that yaml.v3 accepted, and aliases of aliases do not exist.
func FollowAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// Join extends a path by a key.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Child is the value of a key, or an item of a list by its number; nil when
// there is none.
func Child(n *yaml.Node, key string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}

// Describe says what a node is, for errors. Values are cut short.
func Describe(n *yaml.Node) string {
	n = FollowAlias(n)
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case IsNull(n):
		return "nothing"
	}
	value := n.Value
	if r := []rune(value); len(r) > 40 {
		value = string(r[:40]) + "..."
	}
	switch n.Tag {
	case "!!bool":
		return "the boolean " + value
	case "!!int", "!!float":
		return "the number " + value
	}
	return fmt.Sprintf("the text %q", value)
}

// NodeKind says what a value is without repeating it.
func NodeKind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if !IsNull(n) {
		return "a single value"
	}
	return "nothing"
}
