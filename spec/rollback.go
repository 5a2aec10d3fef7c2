package spec

import (
	"fmt"
	"maps"
)

// RollbackTarget returns the resource to roll back to: the object's current
// attributes, with the options of the spec. If that is not possible, it returns nil
// and the reason. The object must have been read by id.
func (r *Resource) RollbackTarget(have Object, name string, f Facts) (former *Resource, why string) {
	fp := parseFingerprint(have.Labels[FingerprintLabel])
	unchanged := map[*Attribute]bool{} // the object matches the spec
	for _, m := range r.managed() {
		unchanged[m.Attribute] = m.FingerprintLetter != 0 && r.matchesFingerprint(fp, &m)
	}
	attrs := attributes{{nameRow, name}}
	for _, a := range Tables[r.Kind] {
		own, managed := r.attrs.lookup(a)
		switch {
		case a == nameRow, a.Label != "", a.MergesKeys: // labels are not rolled back
		case a.Role == Option && !managed:
		case a.Role == Option || unchanged[a]:
			attrs.set(a, own)
		case have.holds(a, f):
			v, why := have.specValue(a, attrs, f)
			switch {
			case why != "":
				return nil, a.Key + ": " + why
			case v != nil && (managed || !isDefault(a, v)):
				attrs.set(a, v)
			}
		case fp.digestOf(a.FingerprintLetter) == "" && !managed: // it was never set
		case a.Role != Derived:
			return nil, fmt.Sprintf("the server does not return its %s", a.Key)
		case r.attrs.text(a.DerivedFrom) == have.Attrs.text(a.DerivedFrom):
			return nil, fmt.Sprintf("its %s was replaced under the same name", a.DerivedFrom.Key)
		}
	}
	return &Resource{Address: r.Address, attrs: attrs, Pos: r.Pos, GroupSize: r.GroupSize, fleetSecrets: r.fleetSecrets, sensitive: maps.Clone(r.sensitive)}, ""
}

// specValue returns the object's value in the form that a spec has; nil if there is
// none. attrs are the attributes of the preceding rows.
func (o Object) specValue(a *Attribute, attrs attributes, f Facts) (v any, why string) {
	v = o.Attrs.value(a)
	if v != nil && a.Unresolve != nil {
		v = a.Unresolve(v, f)
	}
	if v != nil && a.Export != nil {
		return a.Export(v, attrs)
	}
	return v, ""
}

// RollbackDiffs returns the reverse of diffs: from the spec's values to those that
// the object had. If one of them cannot be reversed in place, it returns nil and the
// reason.
func (r *Resource) RollbackDiffs(diffs []Diff) (reversed []Diff, why string) {
	for _, d := range diffs {
		if d.Unknown {
			return nil, fmt.Sprintf("the former value of its %s is not known", d.Attr.Key)
		}
		mode, rule := d.Attr.mode(d.Want, d.Have)
		if mode == RequiresReplace {
			return nil, fmt.Sprintf("its %s %s", d.Attr.Key, rule)
		}
		reversed = append(reversed, Diff{Attr: d.Attr, Have: d.Want, Want: d.Have, Mode: mode, Rule: rule})
	}
	return reversed, ""
}
