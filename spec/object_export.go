package spec

import (
	"fmt"
	"slices"
	"strings"
)

// An Omission is an attribute of an object that an exported resource does not have.
type Omission struct {
	Key string // of the attribute; "name" means that no resource can describe the object
	Why string // the reason, for the user
}

// ResourceFromObject returns the resource that describes the object, so that a plan
// would not change it, and the attributes that a spec cannot have. The object must
// have been read by id. If the named fleet owns the object, attributes that its spec
// does not set are omitted too: those that the fingerprint does not cover, and
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
			d.omit(a, "the fleet's spec sets it, and the server does not return it")
		}
	}
	return &Resource{Address: address, attrs: d.attrs}, d.omissions
}

// An objectExporter makes a resource of one object.
type objectExporter struct {
	have        Object
	facts       Facts
	owner       string      // the fleet that owns the object, if it is the exported one; else empty
	fingerprint fingerprint // as the owner wrote it
	attrs       attributes
	omissions   []Omission
}

func (d *objectExporter) omit(a *Attribute, why string) {
	d.omissions = append(d.omissions, Omission{a.Key, why})
}

// value returns the object's value in the form that a spec has; nil if there is
// none.
func (d *objectExporter) value(a *Attribute) any {
	switch {
	case a.Label != "":
		return fromLabel(a.Type, d.have.Labels[a.Label])
	case a.MergesKeys:
		return d.labels()
	case a.Role != Remote:
		return nil
	}
	v := d.have.Attrs.value(a)
	if v != nil && a.Unresolve != nil {
		return a.Unresolve(v, d.facts)
	}
	return v
}

// labels returns the labels that the owner's spec set. Without an owner it returns
// all labels that a spec could set.
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

// set adds an attribute to the resource, or records why it is omitted.
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
	d.attrs.set(a, v)
}

// valueProblem returns why a spec may not have an object's value, or "".
func valueProblem(a *Attribute, v any) string {
	if s, ok := v.(string); ok && len(a.Type.Values) > 0 && !slices.Contains(a.Type.Values, s) {
		return fmt.Sprintf("%q is not allowed in a spec; allowed are %s", s, strings.Join(a.Type.Values, ", "))
	}
	return a.Check.Problem(v)
}

// isDefault reports whether an object has the value if the spec does not set the
// attribute.
func isDefault(a *Attribute, v any) bool {
	if list, ok := v.([]string); ok && len(list) == 0 {
		return true
	}
	return v == "" || a.Default != nil && equal(v, a.Default) || equal(v, a.Type.Absent)
}

// DropDefaults removes the attributes that have default values.
func (r *Resource) DropDefaults() {
	r.attrs = slices.DeleteFunc(r.attrs, func(e attributeValue) bool { return isDefault(e.attribute, e.value) })
}

// TrimToFingerprints removes the attributes of a snapshot that the fleet's spec did
// not set, since any other choice would replace its sandboxes. The fingerprints of
// sandboxes created from the snapshot have a digest of the attributes that the spec
// set. Without fingerprints it removes the defaults. The region becomes the one of the
// spec, which may be any region of o, by name or id. It returns false, and changes
// nothing, if no choice of attributes matches the fingerprints.
func (r *Resource) TrimToFingerprints(o Object, fingerprints []string, f Facts) bool {
	digests := contentDigests(fingerprints)
	if len(digests) == 0 {
		r.DropDefaults()
		return true
	}
	all := r.attrs
	if r.trimToDigests(digests) {
		return true
	}
	for _, region := range versionForms(snapshotRegionRow, o.Regions(), f) {
		if region.value != nil && r.attrs.get(snapshotRegionRow) != nil {
			r.attrs = all.with(snapshotRegionRow, region.value)
			if r.trimToDigests(digests) {
				return true
			}
		}
	}
	r.attrs = all
	return false
}

// trimToDigests removes attributes of a snapshot until its content has the digests. It
// returns false, and removes nothing, if it never has.
func (r *Resource) trimToDigests(digests map[string]bool) bool {
	var open []*Attribute // the spec may have set them or not
	for _, a := range Tables[r.Kind] {
		if _, ok := r.attrs.lookup(a); ok && a.Key != nameRow.Key && a.Type.refs == nil {
			open = append(open, a)
		}
	}
	all := r.attrs
	for choice := range 1 << len(open) {
		r.attrs = slices.Clone(all)
		for i, a := range open {
			if choice&(1<<i) != 0 {
				r.attrs.remove(a)
			}
		}
		if haveContent(digests, r.content()) {
			return true
		}
	}
	r.attrs = all
	return false
}

// References returns the names of the objects of a kind that the resource refers to.
func (r *Resource) References(kind Kind) []string {
	var names []string
	for _, a := range Tables[r.Kind] {
		v, ok := r.attrs.lookup(a)
		switch {
		case ok && a.Type.refs != nil:
			names = append(names, a.Type.refs(v, kind)...)
		case ok && a.Ref == kind:
			names = append(names, r.attrs.text(a))
		}
	}
	return names
}

// Conversions of an object's value for a spec: see [Attribute.Export].

// exportImage omits images that were built with uploaded files.
func exportImage(v any, _ attributes) (any, string) {
	i := v.(Image).withFinalNewline()
	switch {
	case len(i.ContextHashes) > 0:
		return nil, "it was built with uploaded files, which a spec cannot describe"
	case strings.TrimSpace(i.Dockerfile+i.Name) == "" || strings.ContainsRune(i.Dockerfile, 0):
		return nil, ""
	}
	return i, ""
}

// exportWithImage omits values that a spec may only set together with an image:
// sandboxes from a snapshot have those of the snapshot.
func exportWithImage(v any, attrs attributes) (any, string) {
	if _, ok := attrs.lookup(imageRow); !ok {
		return nil, ""
	}
	return v, ""
}

// exportWithoutDockerfile omits values that the Dockerfile, if any, includes.
func exportWithoutDockerfile(v any, attrs attributes) (any, string) {
	if i, _ := attrs.get(snapshotImageRow).(Image); i.Dockerfile != "" {
		return nil, ""
	}
	return v, ""
}

// exportAtLeast raises numbers below low, which all mean the same.
func exportAtLeast(low int) func(any, attributes) (any, string) {
	return func(v any, _ attributes) (any, string) { return max(v.(int), low), "" }
}

// exportFirst returns the first entry of a list.
func exportFirst(v any, _ attributes) (any, string) {
	if list, _ := v.([]string); len(list) > 0 {
		return list[0], ""
	}
	return nil, ""
}
