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
// back, a key with a plus appends, and all else replaces. Over nothing it is
// itself.
func (b block) over(below block) block {
	if len(below) == 0 {
		return b
	}
	merged := maps.Clone(below)
	for _, pair := range alternatives {
		for i, own := range pair {
			if other := pair[1-i]; b.has(own) && !b[own].unset && !b.has(other) {
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
	if v.missing = slices.Concat(v.missing, v.below.missing); v.missing != nil {
		v.value = nil
		return
	}
	merge := a.Type.merge
	if v.adds {
		merge = a.Type.join
	}
	v.value = merge(v.below.value, v.value)
	v.sensitive, v.spilled = v.sensitive || v.below.sensitive, v.spilled || v.below.spilled
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
	return own, own.fits(a) && own.noEmptyEntry()
}

// fits checks a list that was appended to another.
func (v *located) fits(a *Attribute) bool {
	if !v.adds || v.below == nil || v.missing != nil {
		return true
	}
	wrong := a.Check.Wrong(v.value)
	if wrong != "" {
		v.d.mistakeAt(v.pos, v.at, "with what it is appended to it %s", wrong)
	}
	return wrong == ""
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
	all := l.extended(dc, l.defaults[dc.Kind])
	b := all
	for _, a := range Tables[dc.Kind] {
		v, ok := all[a]
		if !ok {
			continue
		}
		if v.unset {
			if len(b) == len(all) {
				b = maps.Clone(all)
			}
			delete(b, a)
			v.nothingBelow(a)
		}
		if !v.perCopy {
			v.noEmptyEntry()
			v.fits(a)
		}
		for at := &v; a.Paths && !v.unset && at != nil; at = at.below {
			at.d.ignorable(at.node, Tables[dc.Kind], at.at)
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
// what is below.
func (l *loader) extended(dc *declared, below block) block {
	lineage := l.lineage(dc, &walk{seen: map[*declared]bool{}})
	if len(lineage) > maxTemplates {
		dc.d.mistakeAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "it extends more than %d templates, directly or not", maxTemplates)
		return below
	}
	for _, dc := range append(lineage, dc) {
		for _, layer := range dc.layers {
			below = layer.over(below)
		}
	}
	return below
}

// maxTemplates bounds the templates that one block is laid over.
const maxTemplates = 100

// A walk goes from template to template.
type walk struct {
	seen map[*declared]bool
	way  []string // the templates from the first to this one
}

// lineage lists the templates that a block extends, directly or not: each once,
// and after those that it extends itself.
func (l *loader) lineage(dc *declared, w *walk) []*declared {
	var extends located
	for _, layer := range dc.layers {
		if v, ok := layer[extendsRow]; ok {
			extends = v
		}
	}
	var list []*declared
	names, _ := extends.value.([]string)
	for _, name := range names {
		t := l.templates[Address{dc.Kind, name}]
		switch {
		case t == nil:
			l.unknownTemplate(dc, extends, name)
		case slices.Contains(w.way, name):
			circle := append(slices.Clone(w.way[slices.Index(w.way, name):]), name)
			extends.d.mistakeAt(extends.pos, extends.at, "the templates extend each other: %s", strings.Join(circle, " extends "))
		case len(w.way) >= maxTemplates:
			extends.d.mistakeAt(extends.pos, extends.at, "templates extend each other more than %d deep", maxTemplates)
			return list
		case !w.seen[t]:
			w.seen[t] = true
			w.way = append(w.way, name)
			list = append(append(list, l.lineage(t, w)...), t)
			w.way = w.way[:len(w.way)-1]
		}
	}
	return list
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
