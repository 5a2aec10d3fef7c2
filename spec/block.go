package spec

import (
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// block reads attributes. Nested keys belong to rows with dotted keys.
func (d *decoder) block(n *yaml.Node, t Table, at string) block {
	b := block{}
	d.into(b, n, t, "", at)
	return b
}

func (d *decoder) into(b block, n *yaml.Node, t Table, prefix, at string) {
	entries, _ := d.entries(n, at)
	known := t.keys(prefix)
	for _, e := range entries {
		where := join(at, e.name)
		a := t.find(prefix + e.name)
		if strings.Contains(e.name, ".") { // nesting is written as nesting
			a = nil
		}
		switch {
		case a == nil && slices.Contains(known, e.name):
			d.into(b, e.value, t, prefix+e.name+".", where)
		case a == nil:
			if t.maybeSecret(prefix, e.name, known) {
				d.hide(e.value)
			}
			d.mistake(e.key, where, "unknown key").Hint = unknownKey(e.name, known)
		default:
			if a.Secret {
				d.hide(e.value)
			}
			d.secret = a.Secret
			v, ok := a.Type.decode(d, e.value, where)
			ok = ok && d.check(a, v, e.value, t, where)
			d.secret = false
			if ok {
				b[a] = located{v, d.at(e.value), d}
			}
		}
	}
}

// check tells what is wrong with a value beyond its type.
func (d *decoder) check(a *Attribute, v any, n *yaml.Node, t Table, where string) bool {
	if a.Check != nil {
		if wrong := a.Check(v); wrong != "" {
			d.mistake(n, where, "%s", wrong)
			return false
		}
	}
	return !a.Paths || d.ignorable(n, t, where)
}

// maybeSecret reports whether an unknown key may stand for a secret attribute:
// it is near the key of one, or near none.
func (t Table) maybeSecret(prefix, name string, known []string) bool {
	k := nearest(name, known)
	a := t.find(prefix + k)
	return k == "" || a != nil && a.Secret
}

// unknownKey is the hint for a key that is not known: the nearest, or all.
func unknownKey(name string, known []string) string {
	if hint := DidYouMean(name, known); hint != "" {
		return hint
	}
	return "known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// alternatives are pairs of attributes of which one said of a resource takes
// the place of the other said in defaults.
var alternatives = [][2]*Attribute{{snapshotRow, imageRow}, {ephemeralRow, autoDeleteRow}, {autoStopRow, autoPauseRow}}

// over is the block with defaults below it.
func (b block) over(defaults block) block {
	merged := maps.Clone(defaults)
	if merged == nil {
		merged = block{}
	}
	for _, pair := range alternatives {
		for i, own := range pair {
			if other := pair[1-i]; b.has(own) && !b.has(other) {
				delete(merged, other)
			}
		}
	}
	for a, v := range b {
		if base, ok := merged[a]; ok && a.Type.merge != nil {
			v.value = a.Type.merge(base.value, v.value)
		}
		merged[a] = v
	}
	return merged
}
