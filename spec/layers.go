package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// alternatives are pairs of attributes of which one said in a layer takes the
// place of the other said below it.
var alternatives = [][2]*Attribute{{snapshotRow, imageRow}, {ephemeralRow, autoDeleteRow}, {autoStopRow, autoPauseRow}, {countRow, forEachRow}}

// over is the block laid over what is below it: mappings merge, null takes
// back, a key with a plus appends, and all else replaces.
func (b block) over(below block) block {
	merged := maps.Clone(below)
	if merged == nil {
		merged = make(block, len(b))
	}
	for _, pair := range alternatives {
		for i, own := range pair {
			if other := pair[1-i]; b.has(own) && !b.has(other) {
				delete(merged, other)
			}
		}
	}
	for a, v := range b {
		base, covers := merged[a]
		switch {
		case v.unset && covers && !base.unset:
			delete(merged, a)
			continue
		case covers && !base.unset && (v.adds || a.Type.merge != nil):
			v.below = &base
			v.perCopy = v.perCopy || base.perCopy
			if !v.perCopy {
				v.combine(a)
			}
		}
		merged[a] = v
	}
	return merged
}

// combine merges the value with what is below it.
func (v *located) combine(a *Attribute) {
	merge := a.Type.merge
	if v.adds {
		merge = a.Type.join
	}
	v.value = merge(v.below.value, v.value)
	v.sensitive = v.sensitive || v.below.sensitive
}

// forCopy is the value for one copy of a group, and false when it was told
// that there is none.
func (v located) forCopy(a *Attribute, m *member) (located, bool) {
	if !v.perCopy {
		return v, true
	}
	own := v
	if v.d.perCopy(v.node) {
		if !own.read(a, m) {
			return own, false
		}
	} // else it was read already, and only what is below differs
	if own.unset || v.below == nil {
		return own, own.noEmptyEntry()
	}
	below, ok := v.below.forCopy(a, m)
	if !ok {
		return own, false
	}
	if below.unset {
		return own, own.noEmptyEntry()
	}
	own.below = &below
	own.combine(a)
	return own, own.noEmptyEntry()
}

// noEmptyEntry tells of an entry of a mapping that has no value.
func (v *located) noEmptyEntry() bool {
	key := empty(v.value)
	if key == "" {
		return true
	}
	pos := v.pos
	if below := child(follow(v.node), key); below != nil {
		pos = v.d.at(below)
	}
	v.d.mistakeAt(pos, join(v.at, key), "expected text, got nothing")
	return false
}

// layered is all that is said of a resource: defaults, the templates that it
// extends, its own block, and what the environment says.
func (l *loader) layered(dc *declared) block {
	b := l.extended(dc, l.defaults[dc.Kind], nil)
	for _, a := range Tables[dc.Kind] {
		v, ok := b[a]
		if !ok {
			continue
		}
		if v.unset {
			delete(b, a)
			v.nothingBelow(a)
		}
		if !v.perCopy {
			v.noEmptyEntry()
		}
		for at := &v; a.Paths && !v.unset && at != nil; at = at.below {
			at.d.ignorable(at.node, Tables[dc.Kind], at.at)
		}
		if v.adds && v.below != nil && !v.perCopy {
			if wrong := a.Check.Wrong(v.value); wrong != "" {
				v.d.mistakeAt(v.pos, v.at, "with what it is appended to it %s", wrong)
			}
		}
	}
	return b
}

// nothingBelow tells of a null that takes nothing back, where it can only be a
// value that was forgotten.
func (v *located) nothingBelow(a *Attribute) {
	if v.node == nil || a.Type.merge != nil {
		return
	}
	v.d.mistakeAt(v.pos, v.at, "expected %s, got nothing", a.Type.Name).Hint = "give it a value, or take the key out"
}

// extended lays a block over the templates that it extends, and those over
// what is below. from are the templates on the way, to find circles.
func (l *loader) extended(dc *declared, below block, from []string) block {
	var extends located
	for _, layer := range dc.layers {
		if v, ok := layer[extendsRow]; ok {
			extends = v
		}
	}
	names, _ := extends.value.([]string)
	for _, name := range names {
		t := l.templates[Address{dc.Kind, name}]
		switch {
		case t == nil:
			l.unknownTemplate(dc, extends, name)
		case slices.Contains(from, name):
			extends.d.mistakeAt(extends.pos, extends.at, "the templates extend each other: %s", strings.Join(append(from, name), " extends "))
		default:
			below = l.extended(t, below, append(slices.Clone(from), name))
		}
	}
	for _, layer := range dc.layers {
		below = layer.over(below)
	}
	return below
}

func (l *loader) unknownTemplate(dc *declared, extends located, name string) {
	var known []string
	for a := range l.templates {
		if a.Kind == dc.Kind {
			known = append(known, a.Key)
		}
	}
	slices.Sort(known)
	m := extends.d.mistakeAt(extends.pos, extends.at, "there is no template %q under templates.%s", name, dc.Kind.Section())
	if m.Hint = DidYouMean(name, known); m.Hint == "" && len(known) > 0 {
		m.Hint = fmt.Sprintf("there are %s", strings.Join(known, ", "))
	}
}
