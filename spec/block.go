package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A block is what a spec says of one resource in one place.
type block map[*Attribute]located

// A located is a value and the place in a spec where it stands.
type located struct {
	value     any
	pos       Position
	d         *decoder // of the file it stands in
	layer     string   // what kind of place it is, for explanations
	sensitive bool     // it holds a sensitive value
	spilled   bool     // a sensitive variable gave it
	unset     bool     // null: it takes back what is below
	adds      bool     // +key: it is appended to what is below
	perCopy   bool     // the value differs from copy to copy of a group, and is read for each
	node      *yaml.Node
	at        string
	missing   []*Mistake // values that are not set and that it depends on; its own value is unknown then
	below     *located   // what it is merged with or appended to; nil: nothing
}

// A declared is a named block of a section, in layers of rising precedence.
type declared struct {
	Address
	layers []block
	pos    Position
	d      *decoder
	merged block // all that is said of it
	absent bool  // it is not enabled
	varies bool  // its copies differ in more than their names
}

// appending marks a key whose list is appended to what is below.
const appending = "+"

// block reads attributes. Nested keys belong to rows with dotted keys.
func (d *decoder) block(n *yaml.Node, t Table, at string) block {
	b := block{}
	d.into(b, n, t, "", at)
	return b
}

func (d *decoder) into(b block, n *yaml.Node, t Table, prefix, at string) {
	entries, _ := d.entries(n, at)
	var known []string
	for _, e := range entries {
		where := join(at, e.name)
		name, adds := strings.CutPrefix(e.name, appending)
		a := t.find(prefix + name)
		if strings.Contains(name, ".") { // nesting is written as nesting
			a = nil
		}
		if a == nil && known == nil {
			known = t.keys(prefix)
		}
		switch {
		case a == nil && slices.Contains(known, e.name) && isNull(follow(e.value)):
			d.unsetBelow(b, e, t, prefix+name+".")
		case a == nil && slices.Contains(known, e.name):
			d.into(b, e.value, t, prefix+e.name+".", where)
		case a == nil:
			meant := t.alias(prefix, name)
			if meant != nil && meant.Secret || meant == nil && t.maybeSecret(prefix, name, known) {
				d.hide(e.value)
			}
			hint := unknownKey(name, known)
			if meant != nil {
				hint = "write " + meant.nested()
			}
			d.mistake(e.key, where, "unknown key").Hint = hint
		case adds && a.Type.join == nil:
			d.mistake(e.key, where, "only lists can be appended to").Hint = "write " + name
		case adds && isNull(follow(e.value)):
			d.mistake(e.value, where, "there is nothing to append").Hint = "to take back what is below, write " + name + ": null"
		case b.has(a) && b[a].node != nil: // key and +key
			d.mistake(e.key, where, "%s is said twice", name).Hint = "write one list; +" + name + " appends to what templates and defaults say"
		default:
			d.attribute(b, a, located{node: e.value, adds: adds, at: where})
		}
	}
}

// unsetBelow takes back all attributes below a key that is set to null.
func (d *decoder) unsetBelow(b block, e entry, t Table, prefix string) {
	for _, a := range t {
		if strings.HasPrefix(a.Key, prefix) {
			b[a] = located{unset: true, pos: d.at(e.value), d: d, layer: d.layer}
		}
	}
}

// attribute reads the value of one attribute into a block.
func (d *decoder) attribute(b block, a *Attribute, v located) {
	v.pos, v.d, v.layer = d.at(v.node), d, d.layer
	if a.Secret {
		d.hide(v.node)
	}
	switch {
	case isNull(follow(v.node)):
		v.unset = true
	case d.perCopy(v.node) && (a.Structure && !a.Naming || a.Whole):
		d.mistake(v.node, v.at, "%s is said of the whole group: it cannot refer to a copy", a.Key)
	case d.perCopy(v.node):
		v.perCopy = true
	case !v.read(a, nil) && !a.Structure:
		return
	}
	b[a] = v
}

// read decodes the value for a copy of a group, or for none. It reports false
// when it has told of a mistake.
func (v *located) read(a *Attribute, m *member) bool {
	d := v.d
	d.secret, d.tainted, d.spilled, d.member = a.Secret, false, false, m
	before := d.values.found
	var value any
	var null, ok bool
	v.missing = d.deferringWhile(a.deferrable(), func() {
		if null = isNull(d.resolve(v.node)); !null { // an expression of no value
			value, ok = a.Type.decode(d, v.node, v.at)
		}
	})
	if null {
		v.unset = true
		d.secret, d.tainted, d.member = false, false, nil
		return true
	}
	if v.missing != nil {
		v.value, v.sensitive = nil, d.tainted
		d.secret, d.tainted, d.member = false, false, nil
		return d.values.found == before
	}
	if ok {
		if wrong := a.Check.Wrong(value); wrong != "" {
			d.wrongValue(a, v, wrong, a.Check.Hint(value))
			ok = false
		}
	}
	v.sensitive, v.spilled = d.tainted, d.spilled
	d.secret, d.tainted, d.member = false, false, nil
	if !ok || d.values.found > before {
		return false
	}
	v.value = value
	return true
}

// wrongValue tells what a check found wrong. Of a sensitive value it may not
// tell.
func (d *decoder) wrongValue(a *Attribute, v *located, wrong, hint string) {
	if d.tainted && !a.Secret {
		d.mistake(v.node, v.at, "%s", "the sensitive value is not accepted; expected is "+a.Type.Name)
		return
	}
	d.mistake(v.node, v.at, "%s", wrong).Hint = hint
}

// maybeSecret reports whether an unknown key may stand for a secret attribute:
// it is near the key of one, or near none.
func (t Table) maybeSecret(prefix, name string, known []string) bool {
	k := nearest(name, known)
	a := t.find(prefix + k)
	return k == "" || a != nil && a.Secret
}

// alias returns the attribute that other tools give this name, or nil.
func (t Table) alias(prefix, name string) *Attribute {
	for _, a := range t {
		if prefix == "" && slices.Contains(a.Aliases, strings.ToLower(name)) {
			return a
		}
	}
	return nil
}

// nested is the key of the attribute as a spec writes it in a block.
func (a *Attribute) nested() string {
	if above, key, ok := strings.Cut(a.Key, "."); ok {
		return fmt.Sprintf("%s: {%s: ...}", above, key)
	}
	return a.Key
}

// unknownKey is the hint for a key that is not known: the nearest, or all.
func unknownKey(name string, known []string) string {
	if hint := DidYouMean(name, known); hint != "" {
		return hint
	}
	return "known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
