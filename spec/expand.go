package spec

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/decode"
)

// fleet makes a fleet of all that was read: it lays the layers of blocks over
// each other, spells out replicas and resolves references.
func (l *loader) fleet() *Fleet {
	f := &Fleet{Owns: l.owns, Prices: l.prices, Hooks: l.hooks, Parallelism: l.parallelism, defaultTimeouts: l.defaultTimeouts()}
	l.checkRequired(f)
	for _, dc := range l.declared {
		f.Resources = append(f.Resources, l.expand(dc)...)
		if len(f.Resources) > maxResources {
			dc.decoder.ErrorfAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "with it the spec has more than %d resources", maxResources)
			return f
		}
	}
	l.unusedTemplates()
	l.checkUniqueNames(f)
	l.lintLookalikes(f)
	l.resolve(f)
	prepareManaged(f.Resources)
	l.applyRefactoring(f)
	return f
}

// maxResources bounds the resources of a fleet: what has more is a mistake, or
// is meant to do harm.
const maxResources = 2 * maxCopies

// referrerOf is a resource that uses an object that the spec does not declare.
func referrerOf(f *Fleet, a Address) *Resource {
	i := slices.IndexFunc(f.Resources, func(r *Resource) bool { return slices.Contains(r.ExternalRefs, ExternalRef{a.Kind, a.Key}) })
	if i < 0 {
		return nil
	}
	return f.Resources[i]
}

// isDeclaredName reports whether a resource of the spec has the address's kind
// and its key for a name.
func isDeclaredName(f *Fleet, a Address) bool {
	return slices.ContainsFunc(f.OfKind(a.Kind), func(r *Resource) bool { return r.Name() == a.Key })
}

// checkRequired checks what every spec has.
func (l *loader) checkRequired(f *Fleet) {
	f.Name, _ = l.name.value.(string)
	if len(l.parts) == 0 || l.Incomplete {
		return
	}
	first := l.parts[0].d
	top := Position{File: first.Name, Line: 1, Column: 1}
	if l.version.pos.Line == 0 {
		first.ErrorfAt(top, "", "version is missing").Hint = "begin the spec with version: 1"
	}
	if l.name.pos.Line == 0 {
		first.ErrorfAt(top, "", "name is missing").Hint = "name the fleet: its sandboxes are found again by it"
	}
}

// expand makes the resources of one block.
func (l *loader) expand(dc *blockDecl) []*Resource {
	dc.merged = l.mergeLayers(dc)
	if v, ok := dc.merged[enabledRow]; ok && v.value == false {
		dc.disabled = true
		if name, ok := dc.merged[Tables[dc.Kind].find(nameRow.Key)].value.(string); ok && dc.Kind != SandboxKind {
			l.disabled[Address{dc.Kind, name}] = dc
		}
		return nil
	}
	if v, ok := dc.merged[countRow]; ok && dc.merged.has(forEachRow) {
		v.decoder.ErrorfAt(v.pos, v.path, "count and for_each exclude each other").Hint = "for_each makes as many copies as it has entries"
	}
	members, many := dc.members()
	for _, v := range dc.merged {
		dc.copiesDiffer = dc.copiesDiffer || v.perCopy
	}
	var attrs Attrs
	var sensitive map[*Attribute]bool
	var unset map[*Attribute][]*Diagnostic
	resources := make([]*Resource, len(members))
	for i := range members {
		if attrs == nil || dc.copiesDiffer {
			var ok bool
			if attrs, sensitive, unset, ok = l.attrs(dc, &members[i], many); !ok && dc.copiesDiffer {
				return resources[:i] // the others would go wrong in the same way
			}
		}
		resources[i] = dc.resource(members[i], many, attrs)
		resources[i].sensitive = sensitive
		resources[i].unset = unset
		if many {
			resources[i].GroupSize = len(members)
		}
	}
	if len(members) == 0 { // what is wrong with it is told all the same
		l.checkRules(dc, dc.merged, dc.Kind.Section()+"."+dc.Key)
	}
	if !l.options.Explain {
		dc.discardSource()
	}
	return resources
}

// discardSource lets go of what was read of a block, once its resources are made: of
// many blocks it is most of the memory.
func (dc *blockDecl) discardSource() {
	dc.layers = nil
	for a, v := range dc.merged {
		v.node, v.base = nil, nil
		dc.merged[a] = v
	}
}

// members are the copies that a block stands for: one without a key when it is
// not a group, none when it was told that their number is wrong.
func (dc *blockDecl) members() (list []decode.Copy, many bool) {
	if v, ok := dc.merged[forEachRow]; ok {
		list, _ = v.value.([]decode.Copy)
		return list, true
	}
	v, ok := dc.merged[countRow]
	if !ok {
		return []decode.Copy{{}}, false
	}
	count, _ := v.value.(int)
	for i := range count {
		list = append(list, decode.Copy{Index: i})
	}
	return list, true
}

// attrs are the attributes of one copy, which of them are sensitive, and which
// are unknown. They are not ok when a mistake was told.
func (l *loader) attrs(dc *blockDecl, m *decode.Copy, many bool) (attrs Attrs, sensitive map[*Attribute]bool, unset map[*Attribute][]*Diagnostic, ok bool) {
	if !many {
		m = nil
	}
	b := l.scratch
	clear(b)
	ok = true
	for _, a := range Tables[dc.Kind] {
		v, said := dc.merged[a]
		if !said || a.Structural && !a.Naming || a.Naming && dc.merged.namesResources(dc.Kind) {
			continue
		}
		v, good := v.forCopy(a, m)
		good = good && (!a.isNamePart() || v.checkNotSensitive())
		ok = ok && good
		if good && !v.isNull {
			b[a] = v
		}
	}
	l.applyTarget(dc.Kind, b)
	l.checkRules(dc, b, dc.Kind.Section()+"."+dc.Key)
	if m == nil || m.Index == 0 {
		l.lint(dc, b)
	}
	b.foldEphemeral()
	attrs = make(Attrs, len(b))
	for a, v := range b {
		if v.missing == nil {
			attrs[a] = v.value
		}
		if v.sensitive {
			if sensitive == nil {
				sensitive = map[*Attribute]bool{}
			}
			sensitive[a] = true
		}
	}
	return attrs, sensitive, l.unknownAttrs(b), ok
}

// resource is one resource of the block, with attributes of its own.
func (dc *blockDecl) resource(m decode.Copy, many bool, attrs Attrs) *Resource {
	key, follows := dc.Key, ""
	if many {
		key, follows = dc.copyKey(m)
	}
	own := maps.Clone(attrs)
	given := dc.setName(own, follows)
	return &Resource{Address: Address{dc.Kind, key}, Attrs: own, Pos: dc.pos, hasGivenName: given, hasGeneratedName: !given && dc.namingRule() != "", from: dc}
}

// copyKey is the key of one copy, and what follows its name.
func (dc *blockDecl) copyKey(m decode.Copy) (key, suffix string) {
	which := m.Key
	if m.Value == nil {
		which = strconv.Itoa(m.Index)
	}
	return dc.Key + "[" + which + "]", "-" + which
}

// applyTarget gives the fleet's target to what has none of its own.
func (l *loader) applyTarget(kind Kind, b block) {
	row := Tables[kind].find("target")
	if row == nil || l.target.value == nil {
		return
	}
	if _, own := b[row]; !own {
		b[row] = l.target
	}
}

// foldEphemeral says ephemeral in the words of the API.
func (b block) foldEphemeral() {
	v, ok := b[ephemeralRow]
	if !ok {
		return
	}
	delete(b, ephemeralRow)
	if v.value == true {
		v.value = 0
		b[autoDeleteRow] = v
	} else if _, own := b[autoDeleteRow]; !own {
		v.value = -1
		b[autoDeleteRow] = v
	}
}

// checkUniqueNames checks that names on Daytona are not shared, replicas included. A key
// such as worker-0 collides with the first of worker's replicas here.
func (l *loader) checkUniqueNames(f *Fleet) {
	first := make(map[string]*Resource, len(f.Resources))
	reported := map[Position]bool{}
	var last *blockDecl
	for _, r := range f.Resources {
		if r.from != last || r.from.hasPerCopyNames() { // else the names of copies have one form
			l.checkNameFromKey(r, reported)
		}
		last = r.from
		if len(r.Key) > labelLength && r.GroupSize > 0 && !reported[r.Pos] {
			reported[r.Pos] = true
			r.from.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+r.from.Key, "%s is too long: with the index a key has at most %d characters", r.Key, labelLength)
		}
		id := string(r.Kind) + " " + r.Name()
		before := first[id]
		switch {
		case before == nil:
			first[id] = r
		case !reported[r.Pos]:
			reported[r.Pos] = true
			r.from.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+r.Key, "the name %q is also that of %s at %s; names are unique in an organisation", r.Name(), before.Address, before.Pos)
		}
	}
}

// labelLength is how long a key may be with its index: it becomes the value of
// a label.
const labelLength = 63

// checkNameFromKey checks a name that comes from the key: it must be one that Daytona
// takes.
func (l *loader) checkNameFromKey(r *Resource, reported map[Position]bool) {
	dc, row := r.from, Tables[r.Kind].find(nameRow.Key)
	if dc.merged.namesResources(r.Kind) {
		return // it was checked where it stands
	}
	if wrong := row.Check.Problem(r.Name()); wrong != "" && !reported[r.Pos] {
		reported[r.Pos] = true
		m := dc.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+dc.Key, "its name %s", wrong)
		if m.Hint = "give it a name of its own, or another key"; dc.namingRule() != "" {
			m.Hint = "give it a name of its own, or another " + dc.namingRule()
		}
	}
}

// unusedTemplates finds what is wrong with templates that nothing extends.
func (l *loader) unusedTemplates() {
	w := &templateWalk{seen: map[*blockDecl]bool{}}
	for _, t := range slices.SortedFunc(maps.Values(l.templates), func(a, b *blockDecl) int { return strings.Compare(a.String(), b.String()) }) {
		if !w.seen[t] {
			w.seen[t] = true
			w.way = []string{t.Key}
			l.lineage(t, w)
		}
	}
}
