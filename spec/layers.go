package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/internal/decode"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// alternatives are pairs of attributes of which one said in a layer takes the
// place of the other said below it.
var alternatives = [][2]*Attribute{{snapshotRow, imageRow}, {ephemeralRow, autoDeleteRow}, {autoStopRow, autoPauseRow}, {countRow, forEachRow}}

// overlay is the block laid over what is below it: mappings merge, null takes
// back, a key with a plus appends, and all else replaces. Over nothing it is
// itself.
func (b block) overlay(below block) block {
	if len(below) == 0 {
		return b
	}
	merged := maps.Clone(below)
	for _, pair := range alternatives {
		for i, own := range pair {
			if other := pair[1-i]; b.has(own) && !b[own].isNull && !b.has(other) {
				delete(merged, other)
			}
		}
	}
	for a, v := range b {
		base, covers := merged[a]
		switch {
		case v.isNull && covers && !base.isNull:
			delete(merged, a)
			continue
		case covers && !base.isNull && (v.appends || a.Type.merge != nil):
			v.base = &base
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
func (v *locatedValue) combine(a *Attribute) {
	if v.missing = slices.Concat(v.missing, v.base.missing); v.missing != nil {
		v.value = nil
		return
	}
	merge := a.Type.merge
	if v.appends {
		merge = a.Type.join
	}
	v.value = merge(v.base.value, v.value)
	v.sensitive, v.fromSensitiveVar = v.sensitive || v.base.sensitive, v.fromSensitiveVar || v.base.fromSensitiveVar
}

// forCopy is the value for one copy of a group, and false when it was told
// that there is none.
func (v locatedValue) forCopy(a *Attribute, m *decode.Copy) (locatedValue, bool) {
	if !v.perCopy {
		return v, true
	}
	own := v
	if v.decoder.VariesByCopy(v.node) {
		if !own.read(a, m) {
			return own, false
		}
	} // else it was read already, and only what is below differs
	if own.isNull || v.base == nil {
		return own, own.checkEmptyEntry()
	}
	below, ok := v.base.forCopy(a, m)
	if !ok {
		return own, false
	}
	if below.isNull {
		return own, own.checkEmptyEntry()
	}
	own.base = &below
	own.combine(a)
	return own, own.checkAppended(a) && own.checkEmptyEntry()
}

// checkAppended checks a list that was appended to another.
func (v *locatedValue) checkAppended(a *Attribute) bool {
	if !v.appends || v.base == nil || v.missing != nil {
		return true
	}
	wrong := a.Check.Problem(v.value)
	if wrong != "" {
		v.decoder.ErrorfAt(v.pos, v.path, "with what it is appended to it %s", wrong)
	}
	return wrong == ""
}

// checkEmptyEntry tells of an entry of a mapping that has no value.
func (v *locatedValue) checkEmptyEntry() bool {
	key := decode.EmptyEntry(v.value)
	if key == "" {
		return true
	}
	pos := v.pos
	if below := yamldoc.Child(yamldoc.FollowAlias(v.node), key); below != nil {
		pos = v.decoder.Position(below)
	}
	v.decoder.ErrorfAt(pos, yamldoc.Join(v.path, key), "expected text, got nothing")
	return false
}

// mergeLayers is all that is said of a resource: defaults, the templates that it
// extends, its own block, and what the environment says.
func (l *loader) mergeLayers(dc *blockDecl) block {
	all := l.overlayTemplates(dc, l.defaults[dc.Kind])
	b := all
	for _, a := range Tables[dc.Kind] {
		v, ok := all[a]
		if !ok {
			continue
		}
		if v.isNull {
			if len(b) == len(all) {
				b = maps.Clone(all)
			}
			delete(b, a)
			v.rejectUselessNull(a)
		}
		if !v.perCopy {
			v.checkEmptyEntry()
			v.checkAppended(a)
		}
		for at := &v; a.Paths && !v.isNull && at != nil; at = at.base {
			at.decoder.ignorable(at.node, Tables[dc.Kind], at.path)
		}
	}
	return b
}

// rejectUselessNull tells of a null that takes nothing back, where it can only be a
// value that was forgotten.
func (v *locatedValue) rejectUselessNull(a *Attribute) {
	if v.node == nil || a.Type.merge != nil {
		return
	}
	v.decoder.ErrorfAt(v.pos, v.path, "expected %s, got nothing", a.Type.Name).Hint = "give it a value, or take the key out"
}

// overlayTemplates lays a block over the templates that it extends, and those over
// what is below.
func (l *loader) overlayTemplates(dc *blockDecl, below block) block {
	lineage := l.lineage(dc, &templateWalk{seen: map[*blockDecl]bool{}})
	if len(lineage) > maxTemplates {
		dc.decoder.ErrorfAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "it extends more than %d templates, directly or not", maxTemplates)
		return below
	}
	for _, dc := range append(lineage, dc) {
		for _, layer := range dc.layers {
			below = layer.overlay(below)
		}
	}
	return below
}

// maxTemplates bounds the templates that one block is laid over.
const maxTemplates = 100

// A walk goes from template to template.
type templateWalk struct {
	seen map[*blockDecl]bool
	way  []string // the templates from the first to this one
}

// lineage lists the templates that a block extends, directly or not: each once,
// and after those that it extends itself.
func (l *loader) lineage(dc *blockDecl, w *templateWalk) []*blockDecl {
	var extends locatedValue
	for _, layer := range dc.layers {
		if v, ok := layer[extendsRow]; ok {
			extends = v
		}
	}
	var list []*blockDecl
	names, _ := extends.value.([]string)
	for _, name := range names {
		t := l.templates[Address{dc.Kind, name}]
		switch {
		case t == nil:
			l.unknownTemplate(dc, extends, name)
		case slices.Contains(w.way, name):
			circle := append(slices.Clone(w.way[slices.Index(w.way, name):]), name)
			extends.decoder.ErrorfAt(extends.pos, extends.path, "the templates extend each other: %s", strings.Join(circle, " extends "))
		case len(w.way) >= maxTemplates:
			extends.decoder.ErrorfAt(extends.pos, extends.path, "templates extend each other more than %d deep", maxTemplates)
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

func (l *loader) unknownTemplate(dc *blockDecl, extends locatedValue, name string) {
	var known []string
	for a := range l.templates {
		if a.Kind == dc.Kind {
			known = append(known, a.Key)
		}
	}
	slices.Sort(known)
	m := extends.decoder.ErrorfAt(extends.pos, extends.path, "there is no template %q under templates.%s", name, dc.Kind.Section())
	if m.Hint = suggest.DidYouMean(name, known); m.Hint == "" && len(known) > 0 {
		m.Hint = fmt.Sprintf("there are %s", strings.Join(known, ", "))
	}
}
