package decode

import (
	"slices"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// An Entry is one key of a mapping with its value.
type Entry struct {
	Name       string // of the key
	Key, Value *yaml.Node
}

// maxMerges bounds the merge keys below one mapping: a few aliases that merge each
// other would otherwise expand without limit.
const maxMerges = 10_000

// Entries returns the entries of a mapping in order, those of merge keys first. Null is
// an empty mapping.
func (d *Decoder) Entries(n *yaml.Node, path string) ([]Entry, bool) {
	return d.entries(n, path, &ownKeys{})
}

// EachEntry calls visit with the entries that [Decoder.Entries] returns, and with those
// that [Decoder.DocumentsDeferring] deferred. visit returns whether it keeps nodes of the
// entry; others are used for the next entry.
func (d *Decoder) EachEntry(n *yaml.Node, path string, visit func(Entry) (keeps bool)) {
	own := ownKeys{releases: true}
	deferred := d.Deferred(yamldoc.FollowAlias(n))
	for key, value := range deferred.All() {
		if d.addKey(&own, key, path) && visit(Entry{key.Value, key, value}) {
			deferred.Keep()
		}
	}
	own.releases = false
	entries, _ := d.entries(n, path, &own)
	for _, e := range entries {
		visit(e)
	}
}

// entries is Entries for a mapping whose keys in own were read before.
func (d *Decoder) entries(n *yaml.Node, path string, own *ownKeys) ([]Entry, bool) {
	n = d.Resolve(n)
	if yamldoc.IsNull(n) {
		return nil, true
	}
	if n.Kind != yaml.MappingNode {
		d.Errorf(n, path, "expected a mapping of keys to values, got %s", d.Describe(n))
		return nil, false
	}
	list := make([]Entry, 0, len(n.Content)/2)
	var merged map[string]bool // without those that the mapping has itself
	ok := true
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			if merged == nil {
				merged = map[string]bool{}
			}
			list = d.addMerged(value, path, list, own, merged)
			continue
		}
		if !d.addKey(own, key, path) {
			ok = false
			continue
		}
		list = append(list, Entry{key.Value, key, value})
	}
	if merged != nil { // what the mapping has itself wins
		list = slices.DeleteFunc(list, func(e Entry) bool { return own.has(e.Name) && !own.isOwn(e.Key) })
	}
	return list, ok
}

// addMerged adds the entries of the mapping or mappings of a merge key to the list. An
// earlier entry takes precedence.
func (d *Decoder) addMerged(value *yaml.Node, path string, list []Entry, own *ownKeys, before map[string]bool) []Entry {
	if d.mergeDepth == 0 {
		d.mergeCount = 0
	}
	d.mergeDepth++
	defer func() { d.mergeDepth-- }()
	value = d.Resolve(value)
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	for _, s := range sources {
		if d.mergeCount++; d.mergeCount > maxMerges {
			d.Errorf(s, path, "more than %d merge keys", maxMerges)
			return list
		}
		more, _ := d.Entries(s, path)
		if !d.set.scope.allowCopies(len(more)) {
			d.Errorf(s, path, "the merge keys of the spec stand for more values than fit")
			return list
		}
		for _, e := range more {
			if !before[e.Name] && !own.has(e.Name) {
				before[e.Name] = true
				list = append(list, e)
			}
		}
	}
	return list
}
