package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Omission is something of an object that its description leaves out.
type Omission struct {
	Key string // of the attribute; that of the name means that there is no description
	Why string
}

// ResourceFromObject is the resource that a spec would have to declare for the object to
// be left as it is, and what of it a spec cannot say. The object must have been
// read by itself. What only lies in the spec of the named fleet, if that owns
// the object, stays with it: sealed attributes that the seal does not cover,
// labels of others.
func ResourceFromObject(address Address, name string, have Object, fleet string, f Facts) (*Resource, []Omission) {
	d := &objectExporter{have: have, facts: f, attrs: attributes{}}
	if fleet != "" && have.Labels[FleetLabel] == fleet && have.Labels[KeyLabel] != "" {
		d.owner, d.fingerprint = fleet, parseFingerprint(have.Labels[FingerprintLabel])
	}
	for _, a := range Tables[address.Kind] {
		if a.Key == nameRow.Key {
			d.set(a, name)
		} else if v := d.value(a); v != nil {
			d.set(a, v)
		}
		if a.FingerprintLetter != 0 && d.fingerprint.digestOf(a.FingerprintLetter) != "" && a.Role == Remote && a.Visibility == NeverShown {
			d.omit(a, "no answer of the server holds it, and the fleet's spec sets it")
		}
	}
	return &Resource{Address: address, attrs: d.attrs}, d.omissions
}

// A describer finds words for one object.
type objectExporter struct {
	have        Object
	facts       Facts
	owner       string      // the fleet of the object, if it is the one that is described
	fingerprint fingerprint // the owner's
	attrs       attributes
	omissions   []Omission
}

func (d *objectExporter) omit(a *Attribute, why string) {
	d.omissions = append(d.omissions, Omission{a.Key, why})
}

// value is the value that the object shows, in the words of a spec; nil when it
// shows none.
func (d *objectExporter) value(a *Attribute) any {
	switch {
	case a.Label != "":
		return fromLabel(a.Type, d.have.Labels[a.Label])
	case a.MergesKeys:
		return d.labels()
	case a.Role != Remote:
		return nil
	}
	v := d.have.Attrs.attributes[a]
	if v != nil && a.Unresolve != nil {
		return a.Unresolve(v, d.facts)
	}
	return v
}

// labels are those that the owner's spec set; of an object that nobody owns,
// all that a spec could set.
func (d *objectExporter) labels() any {
	own := map[string]string{}
	if d.owner != "" {
		for k := range managedLabelKeys(d.have.Labels) {
			if v, ok := d.have.Labels[k]; ok {
				own[k] = v
			}
		}
		return own
	}
	for k, v := range d.have.Labels {
		if k != "" && k != LanguageLabel && !strings.HasPrefix(k, labelPrefix) {
			own[k] = v
		}
	}
	return own
}

// set puts an attribute into the description, or tells why not.
func (d *objectExporter) set(a *Attribute, v any) {
	why := ""
	if a.Export != nil {
		v, why = a.Export(v, d.attrs)
	}
	switch {
	case v == nil && why == "":
		return
	case why == "" && d.owner != "" && a.FingerprintLetter != 0 && d.fingerprint.digestOf(a.FingerprintLetter) == "":
		if isDefault(a, v) {
			return
		}
		why = fmt.Sprintf("the spec of fleet %s does not set it", d.owner)
	case why == "" && !isDefault(a, v):
		why = valueProblem(a, v)
	}
	if why != "" {
		d.omit(a, why)
		return
	}
	d.attrs[a] = v
}

// valueProblem says why a spec may not say a value that is there, or "".
func valueProblem(a *Attribute, v any) string {
	if s, ok := v.(string); ok && len(a.Type.Values) > 0 && !slices.Contains(a.Type.Values, s) {
		return fmt.Sprintf("%q is none of %s", s, strings.Join(a.Type.Values, ", "))
	}
	return a.Check.Problem(v)
}

// isDefault reports whether an object has the value when a spec does not speak of
// the attribute.
func isDefault(a *Attribute, v any) bool {
	if list, ok := v.([]string); ok && len(list) == 0 {
		return true
	}
	return v == "" || a.Default != nil && equal(v, a.Default) || equal(v, a.Type.Absent)
}

// DropDefaults takes out of a description what an object has that is created without
// it.
func (r *Resource) DropDefaults() {
	maps.DeleteFunc(r.attrs, isDefault)
}

// TrimToFingerprints shortens the description of a snapshot. The seals of sandboxes that a
// fleet made from it tell, by a digest, which of its attributes the fleet's spec
// set: these are kept, as any others would replace the sandboxes. It reports
// false when no choice of them fits the seals.
func (r *Resource) TrimToFingerprints(fingerprints []string) bool {
	digests := map[string]bool{}
	for _, s := range fingerprints {
		if d := parseFingerprint(s).digestOf(contentRow.FingerprintLetter); d != "" {
			digests[d] = true
		}
	}
	if len(digests) == 0 {
		r.DropDefaults()
		return true
	}
	var open []*Attribute // may have been set or not
	for _, a := range Tables[r.Kind] {
		if _, ok := r.attrs[a]; ok && a.Key != nameRow.Key && a.Type.refs == nil {
			open = append(open, a)
		}
	}
	all := r.attrs
	for choice := range 1 << len(open) {
		r.attrs = maps.Clone(all)
		for i, a := range open {
			if choice&(1<<i) != 0 {
				delete(r.attrs, a)
			}
		}
		if content := digest(r.content()); !slices.ContainsFunc(slices.Collect(maps.Keys(digests)), func(d string) bool { return content[:len(d)] != d }) {
			return true
		}
	}
	r.attrs = all
	return false
}

// References lists the names of objects of a kind that the resource refers to.
func (r *Resource) References(kind Kind) []string {
	var names []string
	for _, a := range Tables[r.Kind] {
		v, ok := r.attrs[a]
		switch {
		case ok && a.Type.refs != nil:
			names = append(names, a.Type.refs(v, kind)...)
		case ok && a.Ref == kind:
			names = append(names, r.attrs.text(a))
		}
	}
	return names
}

// The ways in which a spec says what is shown.

// exportImage leaves out what was built with files that a spec does not have.
func exportImage(v any, _ attributes) (any, string) {
	i := v.(Image).withFinalNewline()
	switch {
	case i.Context != "":
		return nil, "it was built with uploaded files, for which a spec has no words"
	case strings.TrimSpace(i.Dockerfile+i.Name) == "" || strings.ContainsRune(i.Dockerfile, 0):
		return nil, ""
	}
	return i, ""
}

// exportWithImage is for what a spec says only beside an image: a snapshot brings its
// own.
func exportWithImage(v any, attrs attributes) (any, string) {
	if _, ok := attrs[imageRow]; !ok {
		return nil, ""
	}
	return v, ""
}

// exportWithoutDockerfile is for what is part of a Dockerfile, if there is one.
func exportWithoutDockerfile(v any, attrs attributes) (any, string) {
	if i, _ := attrs[snapshotImageRow].(Image); i.Dockerfile != "" {
		return nil, ""
	}
	return v, ""
}

// exportAtLeast is for numbers that mean the same from there down.
func exportAtLeast(low int) func(any, attributes) (any, string) {
	return func(v any, _ attributes) (any, string) { return max(v.(int), low), "" }
}

// exportFirst is for lists of which a spec names one.
func exportFirst(v any, _ attributes) (any, string) {
	if list, _ := v.([]string); len(list) > 0 {
		return list[0], ""
	}
	return nil, ""
}
