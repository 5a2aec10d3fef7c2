package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/expr"
	"fleet/internal/yamldoc"
)

// An outputBlock is one block to write: a resource or a group of copies.
type outputBlock struct {
	key, name string
	count     int // 0 is no replica; there is no block of no replicas
	first     *Resource
	copies    []*Resource               // copies that differ; first is the first of them
	indexed   map[*Attribute]*yaml.Node // values that differ in nothing but the number of the copy, which count makes
	source    *blockDecl                // the block of the spec that makes such copies
}

// Group splits the key of a copy, such as worker[3], into the key of the group and the
// index or key of the copy. For any other key it returns the key and "".
func (a Address) Group() (key, which string) {
	inner, closed := strings.CutSuffix(a.Key, "]")
	i := strings.LastIndexByte(inner, '[')
	if !closed || i < 1 || i == len(inner)-1 || strings.Contains(inner[i:], "]") {
		return a.Key, ""
	}
	return inner[:i], inner[i+1:]
}

// groupBlocks returns the blocks for the resources of one kind, each group at the place
// of its first copy. A copy whose group cannot be written gets a key of its own.
func groupBlocks(resources []*Resource) []outputBlock {
	groups := map[string][]*Resource{}
	taken := map[string]bool{}
	for _, r := range resources {
		key, which := r.Group()
		taken[key] = true
		if which != "" {
			groups[key] = append(groups[key], r)
		}
	}
	var blocks []outputBlock
	done := map[string]bool{}
	for _, r := range resources {
		key, which := r.Group()
		w := outputBlock{key: key, first: r}
		switch {
		case which == "":
			w.name = r.VersionBase()
		case !keyPattern.MatchString(which):
			w.key, w.name = uniqueKey(key+"-"+which, taken), r.VersionBase()
		case done[key]:
			continue
		default:
			w.setGroup(groups[key])
		}
		done[key] = done[key] || which != ""
		blocks = append(blocks, w)
	}
	return blocks
}

// setGroup makes w the block of the copies of a group.
func (w *outputBlock) setGroup(group []*Resource) {
	name, numbered := countedName(w.key, group)
	w.name = name
	switch {
	case numbered && !slices.ContainsFunc(group, func(r *Resource) bool { return !r.EqualExceptName(group[0]) }):
		w.count = len(group)
	case w.first.from != nil:
		w.source, w.copies = w.first.from, group
	default:
		w.copies = slices.DeleteFunc(slices.Clone(group), func(r *Resource) bool {
			_, which := r.Group()
			return !keyPattern.MatchString(which)
		})
		w.name = commonName(w.copies)
		if numbered {
			w.countByIndex(name)
		}
	}
}

// commonName returns the name that the copies share, without their index or key; "" if
// there is none.
func commonName(copies []*Resource) string {
	name := ""
	for _, r := range copies {
		_, which := r.Group()
		base, has := strings.CutSuffix(r.VersionBase(), "-"+which)
		if !has || name != "" && name != base {
			return ""
		}
		name = base
	}
	return name
}

// countedName returns the name that the copies of a group share, and whether their names
// and keys are those of a count.
func countedName(key string, group []*Resource) (name string, ok bool) {
	if len(group) == 0 {
		return "", false
	}
	for i, r := range group {
		base, numbered := strings.CutSuffix(r.VersionBase(), fmt.Sprintf("-%d", i))
		if i == 0 {
			name = base
		}
		if !numbered || base != name || base == "" || r.Key != fmt.Sprintf("%s[%d]", key, i) {
			return "", false
		}
	}
	return name, true
}

// EqualExceptName reports whether two resources of a kind are equal except for their
// addresses and names.
func (r *Resource) EqualExceptName(other *Resource) bool {
	return !slices.ContainsFunc(Tables[r.Kind], func(a *Attribute) bool { return a.Key != nameRow.Key && !r.EqualAttr(other, a) })
}

// EqualAttr reports whether two resources of a kind have the same value of an attribute,
// or both none.
func (r *Resource) EqualAttr(other *Resource, a *Attribute) bool {
	v, isSet := r.attrs.lookup(a)
	w, otherIsSet := other.attrs.lookup(a)
	return isSet == otherIsSet && equal(v, w)
}

// uniqueKey returns the key, or the first of key-2, key-3 and so on that is not taken,
// and adds it to taken.
func uniqueKey(key string, taken map[string]bool) string {
	found := key
	for n := 2; taken[found]; n++ {
		found = fmt.Sprintf("%s-%d", key, n)
	}
	taken[found] = true
	return found
}

// block writes one block.
func (x *encodeState) block(w outputBlock) (*yaml.Node, error) {
	switch {
	case w.source != nil:
		return x.groupBlock(w)
	case w.copies != nil:
		return x.copiesBlock(w)
	}
	block := yamldoc.NewMapping()
	for _, a := range Tables[w.first.Kind] {
		v, err := x.value(w, a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Key, err)
		}
		if v != nil {
			x.place(block, w.first, a, v)
		}
	}
	return block, nil
}

// place adds the value of an attribute under its key, which may be nested.
func (x *encodeState) place(block *yaml.Node, r *Resource, a *Attribute, v *yaml.Node) {
	keys := strings.Split(a.Key, ".")
	for _, k := range keys[:len(keys)-1] {
		block = yamldoc.ChildMapping(block, k)
		if x.Comment == nil {
			block.Style = yaml.FlowStyle
		}
	}
	key := yamldoc.Put(block, keys[len(keys)-1], v)
	if x.Comment == nil {
		yamldoc.FlowIfShort(v)
		return
	}
	yamldoc.SetLineComment(key, v, x.Comment(r, a))
}

// value returns the YAML of an attribute, or nil if it is not written.
func (x *encodeState) value(w outputBlock, a *Attribute) (*yaml.Node, error) {
	v, ok := w.first.attrs.lookup(a)
	switch {
	case a == countRow && w.count > 0:
		return yamldoc.NodeOf(w.count), nil
	case a.Key == nameRow.Key:
		if w.name == w.key {
			return nil, nil
		}
		return yamldoc.NodeOf(w.name), nil
	case a == ephemeralRow && w.first.Ephemeral():
		return yamldoc.NodeOf(true), nil
	case a == autoDeleteRow && w.first.Ephemeral(), !ok, a.Role == Derived:
		return nil, nil
	case a == regionRows[w.first.Kind] && x.hoisted != "":
		return nil, nil
	case a.Secret, w.first.sensitive[a]:
		return x.secret(w, a, v), nil
	case a.Ref == ImageKind:
		name, err := x.images.name(w, v.(Image))
		return yamldoc.NodeOf(name), err
	}
	return yamldoc.NodeOf(a.Type.yamlValue(x.keyReferences(a, v))), nil
}

// keyReferences replaces names of snapshots and volumes by the keys of the spec.
func (x *encodeState) keyReferences(a *Attribute, v any) any {
	key := func(kind Kind, name string) string {
		if k, ok := x.keys[Address{kind, name}]; ok {
			return k
		}
		return name
	}
	switch v := v.(type) {
	case string:
		if a.Ref == SnapshotKind {
			return key(SnapshotKind, v)
		}
	case []Mount:
		ms := slices.Clone(v)
		for i, m := range ms {
			ms[i].Volume = key(VolumeKind, m.Volume)
		}
		return ms
	}
	return v
}

// secret returns the YAML of a secret value, or of all values of a secret mapping.
// References of the spec are written as references.
func (x *encodeState) secret(w outputBlock, a *Attribute, v any) *yaml.Node {
	block := Address{w.first.Kind, w.key}
	stand := x.Secret
	if stand == nil {
		stand = func(Address, string, string) *yaml.Node { return yamldoc.NodeOf(hidden) }
	}
	var source locatedValue
	if w.first.from != nil {
		source = w.first.from.merged[a]
	}
	values, many := v.(map[string]string)
	if !many {
		if n := source.valueFromNode(""); n != nil {
			return n
		}
		s, _ := v.(string)
		return stand(block, a.Key, s)
	}
	n := yamldoc.NewMapping()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s := source.valueFromNode(name)
		if s == nil {
			s = stand(block, yamldoc.Join(a.Key, name), values[name])
		}
		if s != nil {
			yamldoc.Put(n, name, s)
		}
	}
	if len(n.Content) == 0 && len(values) > 0 {
		return nil // an empty mapping would mean that there are no values
	}
	return n
}

// valueFromNode returns the reference that the spec has for the value, or for a key of a
// mapping; nil if it has none.
func (v *locatedValue) valueFromNode(key string) *yaml.Node {
	n := v.node
	if n == nil {
		return nil
	}
	if n = yamldoc.FollowAlias(n); key != "" {
		n = yamldoc.Child(n, key)
	}
	switch {
	case n == nil && v.base != nil:
		return v.base.valueFromNode(key)
	case n == nil:
		return nil
	}
	if n = yamldoc.FollowAlias(n); !decode.IsValueFrom(n) && !strings.Contains(n.Value, expr.Open) {
		return nil
	}
	return bareNode(n)
}
