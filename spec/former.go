package spec

import (
	"fmt"
	"maps"
)

// Former is the resource as it was before the spec wanted it otherwise: the
// object as it is now, in the words of a spec, with the resource's own options.
// why says what cannot be brought back; it is empty when all can. The object must
// have been read by itself.
func (r *Resource) Former(have Object, name string, f Facts) (former *Resource, why string) {
	seal := readSeal(have.Labels[SealLabel])
	sealed := map[*Attribute]bool{} // as the resource wants them
	for _, m := range r.managed() {
		sealed[m.Attribute] = m.Seal != 0 && r.sealedAs(seal, &m)
	}
	attrs := Attrs{nameRow: name}
	for _, a := range Tables[r.Kind] {
		own, managed := r.Attrs[a]
		switch {
		case a == nameRow, a.Label != "", a.Merges: // the labels are kept as they are
		case a.Role == Option && !managed:
		case a.Role == Option || sealed[a]:
			attrs[a] = own
		case have.shows(a, f):
			v, why := have.said(a, attrs, f)
			switch {
			case why != "":
				return nil, a.Key + ": " + why
			case v != nil && (managed || !usual(a, v)):
				attrs[a] = v
			}
		case seal.of(a.Seal) == "" && !managed: // nobody set it
		case a.Role != Derived:
			return nil, fmt.Sprintf("no answer of the server holds its %s", a.Key)
		case r.Attrs.text(a.Of) == have.Attrs.text(a.Of):
			return nil, fmt.Sprintf("its %s was replaced under the same name", a.Of.Key)
		}
	}
	return &Resource{Address: r.Address, Attrs: attrs, Pos: r.Pos, Size: r.Size, hidden: r.hidden, sensitive: maps.Clone(r.sensitive)}, ""
}

// said is the value that the object shows of an attribute, in the words of a
// spec that says others beside it; nil when it shows none.
func (o Object) said(a *Attribute, beside Attrs, f Facts) (v any, why string) {
	v = o.Attrs[a]
	if v != nil && a.Named != nil {
		v = a.Named(v, f)
	}
	if v != nil && a.Said != nil {
		return a.Said(v, beside)
	}
	return v, ""
}

// Undone are the diffs from what the resource wants back to what the object
// has. why says which of them has no way back in place.
func (r *Resource) Undone(diffs []Diff) (undone []Diff, why string) {
	for _, d := range diffs {
		if d.Unknown {
			return nil, fmt.Sprintf("it is not known what its %s was", d.Attr.Key)
		}
		mode, rule := d.Attr.mode(d.Want, d.Have)
		if mode == Rebuild {
			return nil, fmt.Sprintf("its %s %s", d.Attr.Key, rule)
		}
		undone = append(undone, Diff{Attr: d.Attr, Have: d.Want, Want: d.Have, Mode: mode, Rule: rule})
	}
	return undone, ""
}
