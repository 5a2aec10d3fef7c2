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

// alternatives are pairs of attributes. If a layer sets one of them, it removes the
// other one of the layers below.
var alternatives = append(exclusivePairs(imageBases),
	[][2]*Attribute{{snapshotRow, imageRow}, {ephemeralRow, autoDeleteRow}, {autoStopRow, autoPauseRow}, {countRow, forEachRow}}...)

// overlay returns the block merged over the layers below it: mappings are merged,
// null removes a value, a key with a plus sign appends to a list, and any other value
// replaces the one below.
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

// combine merges the value with its base.
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

// forCopy returns the value for one copy of a group. It returns false after
// reporting an error.
func (v locatedValue) forCopy(a *Attribute, m *decode.Copy) (locatedValue, bool) {
	if !v.perCopy {
		return v, true
	}
	own := v
	if v.node != nil && v.decoder.VariesByCopy(v.node) {
		if !own.read(a, m) {
			return own, false
		}
	} // otherwise only the base differs between copies
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

// checkAppended checks a list after it was appended to its base.
func (v *locatedValue) checkAppended(a *Attribute) bool {
	if !v.appends || v.base == nil || v.missing != nil {
		return true
	}
	wrong := a.Check.Problem(v.value)
	if wrong != "" {
		v.decoder.ErrorfAt(v.pos, v.path, "after appending, the list %s", wrong)
	}
	return wrong == ""
}

// checkEmptyEntry reports an error if an entry of a mapping has no value.
func (v *locatedValue) checkEmptyEntry() bool {
	key := decode.EmptyEntry(v.value)
	if key == "" {
		return true
	}
	pos := v.pos
	if v.node != nil { // otherwise a lower layer has the key
		if below := yamldoc.Child(yamldoc.FollowAlias(v.node), key); below != nil {
			pos = v.decoder.Position(below)
		}
	}
	v.decoder.ErrorfAt(pos, yamldoc.Join(v.path, key), "expected text, got nothing")
	return false
}

// mergeLayers merges all layers of a resource: defaults, the templates that it
// extends, its own block, and the environment's block.
func (l *loader) mergeLayers(dc *blockDecl) block {
	all := l.overlayTemplates(dc, l.defaults[dc.Kind])
	b := all
	if !all.needsMergeCheck() {
		return b
	}
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
			at.decoder.checkIgnored(at.node, Tables[dc.Kind], at.path)
		}
	}
	return b
}

// needsMergeCheck reports whether mergeLayers has something to remove or to check in the
// merged layers.
func (b block) needsMergeCheck() bool {
	for a, v := range b {
		if v.isNull || v.appends || a.Paths || !v.perCopy && decode.EmptyEntry(v.value) != "" {
			return true
		}
	}
	return false
}

// rejectUselessNull reports a null that removes nothing: the value was probably
// forgotten.
func (v *locatedValue) rejectUselessNull(a *Attribute) {
	if v.node == nil || a.Type.merge != nil {
		return
	}
	v.decoder.ErrorfAt(v.pos, v.path, "expected %s, got nothing", a.Type.Name).Hint = "set a value or remove the key"
}

// overlayTemplates merges a block over the templates that it extends, and these over
// below.
func (l *loader) overlayTemplates(dc *blockDecl, below block) block {
	lineage := l.lineage(dc, &templateWalk{seen: map[*blockDecl]bool{}})
	if len(lineage) > maxTemplates {
		dc.decoder.ErrorfAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "extends more than %d templates, directly or indirectly", maxTemplates)
		return below
	}
	for _, dc := range append(lineage, dc) {
		for _, layer := range dc.layers {
			below = layer.overlay(below)
		}
	}
	return below
}

// maxTemplates limits the templates that one block extends.
const maxTemplates = 100

// A templateWalk is the state of following extends.
type templateWalk struct {
	seen map[*blockDecl]bool // templates that were already listed
	way  []string            // names from the first template to the current one
}

// lineage returns the templates that a block extends, directly or indirectly: each
// once, and after those that it extends itself.
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
			cycle := append(slices.Clone(w.way[slices.Index(w.way, name):]), name)
			extends.decoder.ErrorfAt(extends.pos, extends.path, "the templates extend each other in a cycle: %s", strings.Join(cycle, " extends "))
		case len(w.way) >= maxTemplates:
			extends.decoder.ErrorfAt(extends.pos, extends.path, "templates are nested more than %d levels deep", maxTemplates)
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
	m := extends.decoder.ErrorfAt(extends.pos, extends.path, "template %q not found under templates.%s", name, dc.Kind.Section())
	if m.Hint = suggest.DidYouMean(name, known); m.Hint == "" && len(known) > 0 {
		m.Hint = fmt.Sprintf("the templates are %s", strings.Join(known, ", "))
	}
}
