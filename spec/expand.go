package spec

import (
	"fmt"
	"maps"
	"slices"
)

// fleet makes a fleet of all that was read: it applies defaults, spells out
// replicas and resolves references.
func (l *loader) fleet(sources []Source) *Fleet {
	f := &Fleet{Owns: l.owns}
	for _, s := range sources {
		f.Files = append(f.Files, s.Name)
	}
	l.required(f)
	for i := range l.declared {
		f.Resources = append(f.Resources, l.expand(&l.declared[i])...)
	}
	l.unique(f)
	l.resolve(f)
	shareDigests(f.Resources)
	l.identify(f)
	return f
}

// userOf is a resource that uses an object that the spec does not declare.
func userOf(f *Fleet, a Address) *Resource {
	i := slices.IndexFunc(f.Resources, func(r *Resource) bool { return slices.Contains(r.Uses, Use{a.Kind, a.Key}) })
	if i < 0 {
		return nil
	}
	return f.Resources[i]
}

// declaredName reports whether a resource of the spec has the address's kind
// and its key for a name.
func declaredName(f *Fleet, a Address) bool {
	return slices.ContainsFunc(f.Of(a.Kind), func(r *Resource) bool { return r.Name() == a.Key })
}

// required checks what every spec has.
func (l *loader) required(f *Fleet) {
	if l.last == nil || l.broken {
		return
	}
	top := Position{l.last.file, 1, 1}
	if l.version.pos.Line == 0 {
		l.last.mistakeAt(top, "", "version is missing").Hint = "begin the spec with version: 1"
	}
	if l.name.pos.Line == 0 {
		l.last.mistakeAt(top, "", "name is missing").Hint = "name the fleet: its sandboxes are found again by it"
	}
	f.Name, _ = l.name.value.(string)
}

// expand makes the resources of one block.
func (l *loader) expand(dc *declared) []*Resource {
	b := dc.block.over(l.defaults[dc.Kind])
	l.applyTarget(dc.Kind, b)
	at := dc.Kind.Section() + "." + dc.Key
	l.rules(dc, b, at)
	b.foldEphemeral()

	attrs := make(Attrs, len(b))
	for a, v := range b {
		attrs[a] = v.value
	}
	count, many := attrs[countRow].(int)
	delete(attrs, countRow)
	name := nameOf(dc, attrs)
	if !many {
		return []*Resource{dc.resource(dc.Key, name, attrs, 0)}
	}
	replicas := make([]*Resource, count)
	for i := range replicas {
		replicas[i] = dc.resource(fmt.Sprintf("%s[%d]", dc.Key, i), fmt.Sprintf("%s-%d", name, i), attrs, count)
	}
	return replicas
}

func nameOf(dc *declared, attrs Attrs) string {
	for a, v := range attrs {
		if a.Key == nameRow.Key {
			return v.(string)
		}
	}
	return dc.Key
}

// resource is one resource of the block, with attributes of its own.
func (dc *declared) resource(key, name string, attrs Attrs, size int) *Resource {
	own := maps.Clone(attrs)
	own[Tables[dc.Kind].find(nameRow.Key)] = name
	return &Resource{Address: Address{dc.Kind, key}, Attrs: own, Pos: dc.pos, Size: size, from: dc}
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

// unique checks that names on Daytona are not shared, replicas included. A key
// such as worker-0 collides with the first of worker's replicas here.
func (l *loader) unique(f *Fleet) {
	first := map[string]*Resource{}
	told := map[Position]bool{}
	for _, r := range f.Resources {
		l.nameOfKey(r, told)
		id := string(r.Kind) + " " + r.Name()
		before := first[id]
		switch {
		case before == nil:
			first[id] = r
		case !told[r.Pos]:
			told[r.Pos] = true
			d := l.decoderOf(r.Pos.File)
			d.mistakeAt(r.Pos, r.Kind.Section()+"."+r.Key, "the name %q is also that of %s at %s; names are unique in an organisation", r.Name(), before.Address, before.Pos)
		}
	}
	for _, dc := range l.declared {
		if n := len(dc.Key) + len("[99999]"); n > 63 && dc.block[countRow].value != nil {
			dc.d.mistakeAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "the key is too long for a counted sandbox: at most %d characters", 63-len("[99999]"))
		}
	}
}

// nameOfKey checks a name that comes from the key: it must be one that Daytona
// takes.
func (l *loader) nameOfKey(r *Resource, told map[Position]bool) {
	wrong := Tables[r.Kind].find(nameRow.Key).Check(r.Name())
	if dc := r.from; wrong != "" && !told[r.Pos] && nameOf(dc, Attrs{}) == dc.Key && !dc.block.has(Tables[r.Kind].find(nameRow.Key)) {
		told[r.Pos] = true
		dc.d.mistakeAt(r.Pos, r.Kind.Section()+"."+dc.Key, "its name %s", wrong).Hint = "give it a name of its own, or another key"
	}
}

func (l *loader) decoderOf(file string) *decoder {
	for _, dc := range l.declared {
		if dc.d.file == file {
			return dc.d
		}
	}
	return l.last
}
