package spec

import (
	"slices"

	"fleet/internal/snapshotversion"
)

// ProvesVersion reports whether the content of an observed snapshot is that of a
// version: the version is the digest of attributes that the object has. Attributes for
// which the server may have chosen the value may be missing from the digest.
func (o Object) ProvesVersion(version string, f Facts) bool {
	_, ok := o.versionContent(version, f)
	return ok
}

// versionContent returns the attributes of an observed snapshot that the spec set if the
// snapshot was created for a version. ok is false if no choice of attributes has the
// digest.
func (o Object) versionContent(version string, f Facts) (content attributes, ok bool) {
	forms := map[*Attribute][]versionForm{}
	alternatives := map[string][]string{}
	for _, a := range snapshotTable {
		v := o.Attrs.value(a)
		if v == nil || !a.isContent() || isDefault(a, v) {
			continue
		}
		forms[a] = versionForms(a, v, f)
		for _, form := range forms[a] {
			alternatives[a.Key] = append(alternatives[a.Key], form.digested)
		}
	}
	if alternatives[snapshotImageRow.Key] == nil {
		return nil, false
	}
	found, ok := snapshotversion.Find(version, alternatives)
	if !ok {
		return nil, false
	}
	for a, list := range forms {
		i := slices.IndexFunc(list, func(form versionForm) bool { return form.digested == found[a.Key] })
		if list[i].value != nil {
			content.set(a, list[i].value)
		}
	}
	return content, true
}

// A versionForm is a value that a spec may have had for an observed value. The zero
// versionForm stands for none.
type versionForm struct {
	value    any
	digested string // as versions are computed over it
}

// versionForms returns the values that a spec may have had for an observed value, without
// duplicates.
func versionForms(a *Attribute, v any, f Facts) []versionForm {
	if _, ok := v.(Image); ok {
		return []versionForm{{v, versionValue(v)}} // never chosen by the server
	}
	list := []versionForm{{}}
	add := func(v any) {
		form := versionForm{v, versionValue(v)}
		if !slices.ContainsFunc(list, func(other versionForm) bool { return other.digested == form.digested }) {
			list = append(list, form)
		}
	}
	if a.Unresolve == nil {
		add(v)
		return list
	}
	for _, observed := range []any{v, a.Unresolve(v, f)} {
		several, ok := observed.([]string)
		if !ok {
			add(observed)
			continue
		}
		for _, one := range several { // a spec has one of them
			add(one)
		}
	}
	return list
}
