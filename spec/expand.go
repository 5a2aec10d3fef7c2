package spec

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/decode"
)

// fleet returns the fleet of all that was read: it merges the layers of blocks, expands
// groups and resolves references.
func (l *loader) fleet() *Fleet {
	f := &Fleet{Owns: l.owns, Prices: l.prices, Hooks: l.hooks, Parallelism: l.parallelism, defaultTimeouts: l.defaultTimeouts()}
	l.checkRequired(f)
	for _, dc := range l.declared {
		resources := l.expand(dc)
		if dc.Kind == ImageKind {
			l.addImages(dc, resources)
		} else {
			f.Resources = append(f.Resources, resources...)
		}
		if len(f.Resources)+len(l.images) > maxResources {
			dc.decoder.ErrorfAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "the spec has more than %d resources", maxResources)
			return f
		}
	}
	l.unusedTemplates()
	l.shareImages(f)
	l.checkUniqueNames(f)
	l.lintLookalikes(f)
	l.requestDigests(f)
	l.resolve(f)
	prepareManaged(f.Resources)
	l.applyRefactoring(f)
	return f
}

// maxResources limits the resources of a fleet, as a protection against mistakes and
// malicious specs.
const maxResources = 2 * maxCopies

// referrerOf returns a resource that refers to an object outside the spec, or nil.
func referrerOf(f *Fleet, a Address) *Resource {
	i := slices.IndexFunc(f.Resources, func(r *Resource) bool { return slices.Contains(r.ExternalRefs, ExternalRef{a.Kind, a.Key}) })
	if i < 0 {
		return nil
	}
	return f.Resources[i]
}

// isDeclaredName reports whether a resource of the address's kind has the address's key
// as its name.
func isDeclaredName(f *Fleet, a Address) bool {
	return slices.ContainsFunc(f.OfKind(a.Kind), func(r *Resource) bool { return r.Name() == a.Key })
}

// checkRequired checks the keys that every spec needs.
func (l *loader) checkRequired(f *Fleet) {
	f.Name, _ = l.name.value.(string)
	f.SensitiveName = l.name.sensitive
	if len(l.parts) == 0 || l.Incomplete {
		return
	}
	first := l.parts[0].d
	top := Position{File: first.Name, Line: 1, Column: 1}
	if l.version.pos.Line == 0 {
		first.ErrorfAt(top, "", "version is missing").Hint = "start the spec with version: 1"
	}
	if l.name.pos.Line == 0 {
		first.ErrorfAt(top, "", "name is missing").Hint = "set the name of the fleet, by which its sandboxes are found"
	}
}

// expand returns the resources of one block.
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
		v.decoder.ErrorfAt(v.pos, v.path, "count and for_each exclude each other").Hint = "remove count; for_each creates one copy for each entry"
	}
	members, many := dc.members()
	for _, v := range dc.merged {
		dc.copiesDiffer = dc.copiesDiffer || v.perCopy
	}
	var attrs attributes
	var sensitive map[*Attribute]bool
	var unset map[*Attribute][]*Diagnostic
	resources := make([]*Resource, len(members))
	for i := range members {
		if attrs == nil || dc.copiesDiffer {
			var ok bool
			if attrs, sensitive, unset, ok = l.attrs(dc, &members[i], many); !ok && dc.copiesDiffer {
				return resources[:i] // the other copies would have the same errors
			}
		}
		resources[i] = dc.resource(members[i], many, attrs)
		resources[i].sensitive = sensitive
		resources[i].unset = unset
		if many {
			resources[i].GroupSize = len(members)
		}
	}
	if len(members) == 0 { // errors are reported even without copies
		l.checkRules(dc, dc.merged, dc.Kind.Section()+"."+dc.Key)
	}
	if !l.options.Explain {
		dc.discardSource()
	}
	return resources
}

// discardSource releases what is not read again once the resources of a block exist,
// since it uses most of the memory of a large spec.
func (dc *blockDecl) discardSource() {
	dc.layers = nil
	buildsImage := slices.ContainsFunc(Tables[dc.Kind], func(a *Attribute) bool { return a.Ref == ImageKind && dc.merged.has(a) })
	for a, v := range dc.merged {
		if !a.Structural && !a.isNamePart() && a.Ref == "" && a.Type.refs == nil && !buildsImage { // an image can contradict any other attribute
			delete(dc.merged, a)
			continue
		}
		v.node, v.base = nil, nil
		dc.merged[a] = v
	}
}

// members returns the copies of a block, and whether it is a group. It returns one member
// without a key for other blocks, and none if an error in count or for_each was reported.
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

// attrs returns the attributes of one copy, the sensitive ones, and the unknown ones with
// the variables that are not set. ok is false if an error was reported.
func (l *loader) attrs(dc *blockDecl, m *decode.Copy, many bool) (attrs attributes, sensitive map[*Attribute]bool, unset map[*Attribute][]*Diagnostic, ok bool) {
	if !many {
		m = nil
	}
	b, ok := l.valuesOf(dc, m)
	l.applyTarget(dc.Kind, b)
	l.checkRules(dc, b, dc.Kind.Section()+"."+dc.Key)
	if m == nil || m.Index == 0 {
		l.lint(dc, b)
	}
	b.foldEphemeral()
	attrs = make(attributes, 0, len(b)+1) // with the name
	for a, v := range b {
		if v.missing == nil {
			attrs = append(attrs, attributeValue{a, v.value})
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

// valuesOf returns the values of one copy, and false if an error was reported. The block
// is valid until the next call.
func (l *loader) valuesOf(dc *blockDecl, m *decode.Copy) (b block, ok bool) {
	if l.target.value == nil && dc.hasOnlyOwnValues() {
		return dc.merged, true
	}
	b = l.scratch
	clear(b)
	ok = true
	for a, v := range dc.valuesInOrder() {
		if a.Structural && !a.Naming || a.Naming && dc.merged.namesResources(dc.Kind) {
			continue
		}
		v, good := v.forCopy(a, m)
		good = good && (!a.isNamePart() || v.checkNotSensitive())
		ok = ok && good
		if good && !v.isNull {
			b[a] = v
		}
	}
	return b, ok
}

// hasOnlyOwnValues reports whether the values of the block are those of each copy.
func (dc *blockDecl) hasOnlyOwnValues() bool {
	for a, v := range dc.merged {
		if a.Structural || a.isNamePart() || v.isNull || v.perCopy || a == ephemeralRow {
			return false
		}
	}
	return true
}

// valuesInOrder returns the values of the block. They are in the order of the table if
// reading them for a copy can report errors.
func (dc *blockDecl) valuesInOrder() iter.Seq2[*Attribute, locatedValue] {
	if !dc.copiesDiffer {
		return maps.All(dc.merged)
	}
	return func(yield func(*Attribute, locatedValue) bool) {
		for _, a := range Tables[dc.Kind] {
			if v, isSet := dc.merged[a]; isSet && !yield(a, v) {
				return
			}
		}
	}
}

// resource returns one resource of the block. A copy of a group has its own copy of the
// attributes.
func (dc *blockDecl) resource(m decode.Copy, many bool, attrs attributes) *Resource {
	key, follows, own := dc.Key, "", attrs
	if many {
		key, follows = dc.copyKey(m)
		own = slices.Clone(attrs)
	}
	given := dc.setName(&own, follows)
	return &Resource{Address: Address{dc.Kind, key}, attrs: own, Pos: dc.pos, hasGivenName: given, hasGeneratedName: !given && dc.namingRule() != "", from: dc}
}

// copyKey returns the key of one copy, and the suffix of its name.
func (dc *blockDecl) copyKey(m decode.Copy) (key, suffix string) {
	which := m.Key
	if m.Value == nil {
		which = strconv.Itoa(m.Index)
	}
	return dc.Key + "[" + which + "]", "-" + which
}

// applyTarget sets the fleet's target in blocks without their own.
func (l *loader) applyTarget(kind Kind, b block) {
	row := regionRows[kind]
	if row == nil || l.target.value == nil {
		return
	}
	if _, own := b[row]; !own {
		b[row] = l.target
	}
}

// foldEphemeral replaces ephemeral by auto_delete_interval.
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

// checkUniqueNames checks that names on Daytona are unique. A key such as worker-0
// conflicts with the first copy of worker.
func (l *loader) checkUniqueNames(f *Fleet) {
	first := make(map[Address]*Resource, len(f.Resources)) // by name
	reported := map[Position]bool{}
	var last *blockDecl
	for _, r := range f.Resources {
		if r.from != last || r.from.hasPerCopyNames() { // otherwise all copies have the same kind of name
			l.checkNameFromKey(r, reported)
		}
		last = r.from
		if len(r.Key) > labelLength && r.GroupSize > 0 && !reported[r.Pos] {
			reported[r.Pos] = true
			r.from.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+r.from.Key, "%s is too long; a key has at most %d characters, including the index", r.Key, labelLength)
		}
		id := Address{r.Kind, r.Name()}
		before := first[id]
		switch {
		case before == nil:
			first[id] = r
		case !reported[r.Pos]:
			reported[r.Pos] = true
			r.from.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+r.Key, "the name %q is already used by %s at %s; names are unique in an organisation", r.Name(), before.Address, before.Pos)
		}
	}
}

// labelLength is the longest key including its index, which is the value of a label.
const labelLength = 63

// checkNameFromKey checks a name that is generated from the key.
func (l *loader) checkNameFromKey(r *Resource, reported map[Position]bool) {
	dc, row := r.from, Tables[r.Kind].find(nameRow.Key)
	if dc.merged.namesResources(r.Kind) {
		return // it was checked when it was read
	}
	if wrong := row.Check.Problem(r.Name()); wrong != "" && !reported[r.Pos] {
		reported[r.Pos] = true
		m := dc.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+dc.Key, "its name %s", wrong)
		if m.Hint = "set its name, or change the key"; dc.namingRule() != "" {
			m.Hint = "set its name, or change " + dc.namingRule()
		}
	}
}

// unusedTemplates reports errors in templates that no block extends.
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
