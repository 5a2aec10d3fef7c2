package spec

// A managed is one attribute of a resource in the form in which it is compared.
type managed struct {
	*Attribute
	value   any    // what is wanted; nil for what each copy of a block has of its own
	digest  string // of the value, without the entries that are ignored; empty when it is not sealed
	ignored bool   // all differences are left as they are

	// former means that the spec does not speak of it, and that what the spec
	// once set goes.
	former bool
}

// want is the value that the resource wants.
func (m *managed) want(r *Resource) any {
	if m.Own {
		return r.Attrs[m.Attribute]
	}
	return m.value
}

// managed lists what is compared of the resource, in the order of the table.
func (r *Resource) managed() []managed {
	if r.prepared != nil {
		return r.prepared
	}
	list := make([]managed, 0, len(r.Attrs)+1)
	for _, a := range Tables[r.Kind] {
		v, said := r.Attrs[a]
		if a.Role == Option || r.unset[a] != nil || !said && !a.Merges {
			continue
		}
		m := managed{Attribute: a, value: v, ignored: r.ignores(a)}
		switch {
		case !said:
			m.value, m.former = a.Type.Absent, true
		case a.Seal != 0:
			m.digest = digest(outside(v, r.spares(a)))
		}
		list = append(list, m)
	}
	return list
}

// prepare brings the resources into the form in which they are compared, each
// block once where its copies differ in nothing but their names.
func prepare(resources []*Resource) {
	var last *Resource
	for _, r := range resources {
		if last == nil || last.from != r.from || r.from.varies {
			r.prepared, last = r.managed(), r
		} else {
			r.prepared = last.prepared
		}
	}
}
