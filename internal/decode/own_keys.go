package decode

import (
	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// ownKeys are the keys of a mapping that were read so far, without those of merge keys.
// The zero ownKeys is empty.
type ownKeys struct {
	few   [16]ownKey
	count int               // of few
	many  map[string]ownKey // instead of few, if there are more

	releases bool // nodes are released, which would keep others in memory
}

// An ownKey is a key and its line.
type ownKey struct {
	name string
	line int
	node *yaml.Node // nil if it was released
}

// find returns the key with the name, and whether there is one.
func (k *ownKeys) find(name string) (ownKey, bool) {
	if k.many != nil {
		key, ok := k.many[name]
		return key, ok
	}
	for i := range k.few[:k.count] {
		if k.few[i].name == name {
			return k.few[i], true
		}
	}
	return ownKey{}, false
}

// has reports whether the mapping has the key.
func (k *ownKeys) has(name string) bool {
	_, ok := k.find(name)
	return ok
}

// isOwn reports whether n is the node of one of the keys, and not one with the same name
// that a merge key adds.
func (k *ownKeys) isOwn(n *yaml.Node) bool {
	key, ok := k.find(n.Value)
	return ok && key.node == n
}

// add adds a key.
func (k *ownKeys) add(n *yaml.Node) {
	key := ownKey{n.Value, n.Line, n}
	if k.releases {
		key.node = nil
	}
	switch {
	case k.many != nil:
		k.many[key.name] = key
	case k.count < len(k.few):
		k.few[k.count] = key
		k.count++
	default:
		k.many = map[string]ownKey{key.name: key}
		for _, key := range k.few {
			k.many[key.name] = key
		}
	}
}

// addKey adds a key of a mapping. It returns false after reporting an error if the key
// is not text, or there for the second time.
func (d *Decoder) addKey(own *ownKeys, key *yaml.Node, path string) bool {
	if key.Kind != yaml.ScalarNode || yamldoc.IsNull(key) {
		d.Errorf(key, path, "a key must be plain text, got %s", yamldoc.Describe(key))
		return false
	}
	if before, twice := own.find(key.Value); twice {
		d.Errorf(key, yamldoc.Join(path, key.Value), "the key is there twice; the first is on line %d", before.line)
		return false
	}
	own.add(key)
	return true
}
