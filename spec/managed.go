package spec

// A managedAttribute is one attribute of a resource, prepared for comparison.
type managedAttribute struct {
	*Attribute
	value     any    // the spec's value, shared by the copies of a block; see want
	digest    string // of the value without its ignored entries; empty if it is not fingerprinted
	isIgnored bool   // all differences are ignored

	// unsetInSpec means that the spec does not set the attribute, and that entries
	// that it set earlier are removed.
	unsetInSpec bool
}

// want returns the value that the spec sets for the resource.
func (m *managedAttribute) want(r *Resource) any {
	if m.PerResource {
		return r.attrs.get(m.Attribute)
	}
	return m.value
}

// managed lists the attributes of the resource that are compared, in the order of
// the table.
func (r *Resource) managed() []managedAttribute {
	if r.prepared != nil {
		return r.prepared
	}
	list := make([]managedAttribute, 0, len(r.attrs)+1)
	for _, a := range Tables[r.Kind] {
		v, isSet := r.attrs.lookup(a)
		if a.Role == Option || r.unset[a] != nil || !isSet && !a.MergesKeys {
			continue
		}
		m := managedAttribute{Attribute: a, value: v, isIgnored: r.ignoresAttr(a)}
		switch {
		case !isSet:
			m.value, m.unsetInSpec = a.Type.Absent, true
		case a.FingerprintLetter != 0:
			m.digest = digest(withoutEntries(v, r.ignoredEntries(a)))
		}
		list = append(list, m)
	}
	return list
}

// prepareManaged prepares the resources for comparison. Copies of a block that
// differ only in their names share the result.
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
