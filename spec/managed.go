package spec

// A managed is one attribute of a resource in the form in which it is compared.
type managedAttribute struct {
	*Attribute
	value     any    // what is wanted; nil for what each copy of a block has of its own
	digest    string // of the value, without the entries that are ignored; empty when it is not sealed
	isIgnored bool   // all differences are left as they are

	// unsetInSpec means that the spec does not speak of it, and that what the spec
	// once set goes.
	unsetInSpec bool
}

// want is the value that the resource wants.
func (m *managedAttribute) want(r *Resource) any {
	if m.PerResource {
		return r.attrs[m.Attribute]
	}
	return m.value
}

// managed lists what is compared of the resource, in the order of the table.
func (r *Resource) managed() []managedAttribute {
	if r.prepared != nil {
		return r.prepared
	}
	list := make([]managedAttribute, 0, len(r.attrs)+1)
	for _, a := range Tables[r.Kind] {
		v, said := r.attrs[a]
		if a.Role == Option || r.unset[a] != nil || !said && !a.MergesKeys {
			continue
		}
		m := managedAttribute{Attribute: a, value: v, isIgnored: r.ignoresAttr(a)}
		switch {
		case !said:
			m.value, m.unsetInSpec = a.Type.Absent, true
		case a.FingerprintLetter != 0:
			m.digest = digest(withoutEntries(v, r.ignoredEntries(a)))
		}
		list = append(list, m)
	}
	return list
}

// prepareManaged brings the resources into the form in which they are compared, each
// block once where its copies differ in nothing but their names.
func prepareManaged(resources []*Resource) {
	var last *Resource
	for _, r := range resources {
		if last == nil || last.from != r.from || r.from.copiesDiffer {
			r.prepared, last = r.managed(), r
		} else {
			r.prepared = last.prepared
		}
	}
}
