package spec

import (
	"fmt"
	"maps"
)

// RollbackTarget is the resource as it was before the spec wanted it otherwise: the
// object as it is now, in the words of a spec, with the resource's own options.
// why says what cannot be brought back; it is empty when all can. The object must
// have been read by itself.
func (r *Resource) RollbackTarget(have Object, name string, f Facts) (former *Resource, why string) {
	fp := parseFingerprint(have.Labels[FingerprintLabel])
	unchanged := map[*Attribute]bool{} // as the resource wants them
	for _, m := range r.managed() {
		unchanged[m.Attribute] = m.FingerprintLetter != 0 && r.matchesFingerprint(fp, &m)
	}
	attrs := attributes{nameRow: name}
	for _, a := range Tables[r.Kind] {
		own, managed := r.attrs[a]
		switch {
		case a == nameRow, a.Label != "", a.MergesKeys: // the labels are kept as they are
		case a.Role == Option && !managed:
		case a.Role == Option || unchanged[a]:
			attrs[a] = own
		case have.holds(a, f):
			v, why := have.specValue(a, attrs, f)
			switch {
			case why != "":
				return nil, a.Key + ": " + why
			case v != nil && (managed || !isDefault(a, v)):
				attrs[a] = v
			}
		case fp.digestOf(a.FingerprintLetter) == "" && !managed: // nobody set it
		case a.Role != Derived:
			return nil, fmt.Sprintf("no answer of the server holds its %s", a.Key)
		case r.attrs.text(a.DerivedFrom) == have.Attrs.text(a.DerivedFrom):
			return nil, fmt.Sprintf("its %s was replaced under the same name", a.DerivedFrom.Key)
		}
	}
	return &Resource{Address: r.Address, attrs: attrs, Pos: r.Pos, GroupSize: r.GroupSize, fleetSecrets: r.fleetSecrets, sensitive: maps.Clone(r.sensitive)}, ""
}

// specValue is the value that the object shows of an attribute, in the words of a
// spec that says others beside it; nil when it shows none.
func (o Object) specValue(a *Attribute, attrs attributes, f Facts) (v any, why string) {
	v = o.Attrs.attributes[a]
	if v != nil && a.Unresolve != nil {
		v = a.Unresolve(v, f)
	}
	if v != nil && a.Export != nil {
		return a.Export(v, attrs)
	}
	return v, ""
}

// RollbackDiffs are the diffs from what the resource wants back to what the object
// has. why says which of them has no way back in place.
func (r *Resource) RollbackDiffs(diffs []Diff) (undone []Diff, why string) {
	for _, d := range diffs {
		if d.Unknown {
			return nil, fmt.Sprintf("it is not known what its %s was", d.Attr.Key)
		}
		mode, rule := d.Attr.mode(d.Want, d.Have)
		if mode == RequiresReplace {
			return nil, fmt.Sprintf("its %s %s", d.Attr.Key, rule)
		}
		undone = append(undone, Diff{Attr: d.Attr, Have: d.Want, Want: d.Have, Mode: mode, Rule: rule})
	}
	return undone, ""
}
