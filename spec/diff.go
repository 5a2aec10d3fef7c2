package spec

import (
	"slices"
)

// An Object is the observed state of one remote object.
type Object struct {
	Attrs     Attrs             // as read by [Table.Read]
	Labels    map[string]string // nil for kinds without labels
	FullyRead bool              // read by id, not from a list
	FromPage  bool              // from a paginated list, which has all attributes except the image
}

// A Diff is one attribute of an object that does not match the spec.
type Diff struct {
	Attr       *Attribute // the row of the attribute
	Have, Want any        // the object's value and the spec's
	Unknown    bool       // Have is unknown: only the fingerprint shows that it differs
	Mode       ChangeMode // what the correction requires
	Rule       string     // the server's rule that requires it; empty for an ordinary call
	Cause      Cause      // why the values differ
	Details    []string   // what differs, in clauses; nil if the values show it

	secret bool // the values must not be shown
}

// Format returns the two values as text: of maps only the entries that differ, and
// of secrets only placeholders.
func (d Diff) Format() (have, want string) {
	h, ok1 := d.Have.(map[string]string)
	w, ok2 := d.Want.(map[string]string)
	if ok1 && ok2 && !d.Unknown {
		d.Have, d.Want = missingFrom(h, w), missingFrom(w, h)
	}
	if d.Unknown {
		return unknownValue, d.Attr.format(d.Want, d.secret, hidden)
	}
	return d.Attr.format(d.Have, d.secret, hidden), d.Attr.format(d.Want, d.secret, changed)
}

// Diff returns the attributes of the object that do not match the resource, in the
// order of the table, without those that the resource ignores. An attribute that
// cannot be read and has no fingerprint counts as a match if only a replacement
// could change it.
func (r *Resource) Diff(have Object, f Facts) []Diff {
	if len(r.IgnoredPaths()) == 0 {
		return r.diff(have, f, func(*Attribute) (part func(any) any, compared bool) { return wholeValue, true })
	}
	return r.diff(have, f, func(a *Attribute) (part func(any) any, compared bool) {
		entries := r.ignoredEntries(a)
		return func(v any) any { return withoutEntries(v, entries) }, !r.ignoresAttr(a)
	})
}

// IgnoredDiffs returns the attributes that do not match the resource and that it
// ignores, as far as the object or its fingerprint shows them.
func (r *Resource) IgnoredDiffs(have Object, f Facts) []Diff {
	if len(r.IgnoredPaths()) == 0 {
		return nil
	}
	diffs := r.diff(have, f, func(a *Attribute) (part func(any) any, compared bool) {
		if r.ignoresAttr(a) {
			return wholeValue, true
		}
		entries := r.ignoredEntries(a)
		return func(v any) any { return onlyEntries(v, entries) }, len(entries) > 0 && (a.MergesKeys || have.holds(a, f))
	})
	fp := parseFingerprint(have.Labels[FingerprintLabel])
	return slices.DeleteFunc(diffs, func(d Diff) bool { return d.Unknown && fp.digestOf(d.Attr.FingerprintLetter) == "" })
}

// wholeValue returns v.
func wholeValue(v any) any { return v }

// diff compares the attributes. part returns a function that selects the part of
// an attribute's values to compare, or false if the attribute is not compared.
func (r *Resource) diff(have Object, f Facts, part func(*Attribute) (func(any) any, bool)) []Diff {
	var diffs []Diff
	c := comparison{&have, &f, parseFingerprint(have.Labels[FingerprintLabel])}
	list := r.managed()
	for i := range list {
		m := &list[i]
		if m.CreateOnly || m.unsetInSpec && have.Labels[ManagedLabelsLabel] == "" {
			continue
		}
		of, compared := part(m.Attribute)
		if !compared {
			continue
		}
		if d, differs := c.compare(m, m.want(r), of); differs && !c.matchesEarlier(r, m.Attribute, of) {
			d.Attr, d.secret = m.Attribute, m.Secret || r.sensitive[m.Attribute]
			d.Mode, d.Rule = m.mode(d.Have, d.Want)
			if explain := m.Type.explain; explain != nil && !d.Unknown {
				d.Details = explain(d.Want, d.Have, r.knownContexts)
			}
			d.Cause = cause(m, d, have, c.fingerprint, r.matchesFingerprint(c.fingerprint, m))
			diffs = append(diffs, d)
		}
	}
	return diffs
}

// A comparison compares attributes with one object.
type comparison struct {
	have        *Object
	facts       *Facts
	fingerprint fingerprint
}

// compare compares a part of one attribute: by its value if the object shows it,
// else by its digest in the fingerprint.
func (c *comparison) compare(m *managedAttribute, want any, part func(any) any) (Diff, bool) {
	labels := c.have.Labels
	switch {
	case m.Label != "":
		h := fromLabel(m.Type, labels[m.Label])
		return Diff{Have: h, Want: want}, h != want
	case m.MergesKeys:
		w := want.(map[string]string)
		if labelsMatch(w, labels) {
			return Diff{}, false
		}
		d := Diff{Have: part(managedLabelsOf(w, labels)), Want: part(w)}
		return d, !equal(d.Want, d.Have)
	case c.have.holds(m.Attribute, *c.facts):
		return c.compareShown(m.Attribute, want, part)
	case c.fingerprint.digestOf(m.FingerprintLetter) == "":
		// Nothing is known. A call makes sure of the value; a replacement without
		// evidence would destroy data.
		return Diff{Want: want, Unknown: true}, m.Change.isInPlace() && m.Visibility == NeverShown && m.Role != Derived
	}
	return Diff{Want: want, Unknown: true}, !c.fingerprint.matches(m)
}

// compareShown compares a value that the object shows.
func (c *comparison) compareShown(a *Attribute, want any, part func(any) any) (Diff, bool) {
	h := c.have.Attrs.value(a)
	if h == nil {
		h = a.Type.Absent
	}
	shown := want
	if a.Resolve != nil {
		shown = a.Resolve(want, *c.facts)
	}
	h, shown, want = part(h), part(shown), part(want)
	differs := !a.Type.Same(shown, h)
	if !differs || a.Unresolve == nil {
		return Diff{Have: h, Want: shown}, differs
	}
	return Diff{Have: a.Unresolve(h, *c.facts), Want: want}, true
}

// NeedsDetail reports whether the object must be read by id before it can be
// compared. That is so if the list omits a managed attribute whose fingerprint is
// missing or different, since a fingerprint alone is not a reason to replace an
// object. It is also so if the list omits a managed attribute that other clients
// can change in place, since such a change does not affect the fingerprint.
func (r *Resource) NeedsDetail(have Object, f Facts) bool {
	unseen := func(a *Attribute) bool { return a.VisibleIn(f, true) && !have.holds(a, f) }
	list := r.managed()
	for i := range list {
		if m := &list[i]; !have.FullyRead && !m.isIgnored && !m.unsetInSpec && m.Change.Path != "" && unseen(m.Attribute) {
			return true
		}
	}
	return !r.fingerprintCovers(have, unseen)
}

// FingerprintComplete reports whether the object's fingerprint matches every
// fingerprinted attribute that the resource does not ignore. If not, the labels
// must be written. Attributes that are uploaded do not count: the upload writes their
// digest.
func (r *Resource) FingerprintComplete(have Object) bool {
	return r.fingerprintCovers(have, func(a *Attribute) bool { return !a.Change.Upload })
}

// fingerprintCovers reports whether the object's fingerprint matches the attributes
// that counts selects, except those that the resource ignores.
func (r *Resource) fingerprintCovers(have Object, counts func(*Attribute) bool) bool {
	fp := parseFingerprint(have.Labels[FingerprintLabel])
	list := r.managed()
	for i := range list {
		if m := &list[i]; m.FingerprintLetter != 0 && !m.isIgnored && counts(m.Attribute) && !r.matchesFingerprint(fp, m) {
			return false
		}
	}
	return true
}

// DroppedByServer returns the keys of the attributes that a new object does not
// have although they were sent: servers silently drop unknown fields. The object
// must have been read by id.
func (r *Resource) DroppedByServer(have Object, f Facts) []string {
	var keys []string
	c := comparison{have: &have, facts: &f}
	for _, m := range r.managed() {
		if m.unsetInSpec || m.Since == (Version{}) || !have.holds(m.Attribute, f) {
			continue
		}
		if _, differs := c.compare(&m, m.want(r), wholeValue); differs {
			keys = append(keys, m.Key)
		}
	}
	return keys
}

// NeedsNewerServer reports whether the resource has attributes that older servers
// do not support.
func (r *Resource) NeedsNewerServer() bool {
	for a := range r.attrs.all() {
		if a.Since != (Version{}) {
			return true
		}
	}
	return false
}
