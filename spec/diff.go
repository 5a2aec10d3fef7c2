package spec

import (
	"slices"
)

// An Object is what is known of one remote object.
type Object struct {
	Attrs     Attrs             // as read by [Table.Read]
	Labels    map[string]string // nil for kinds that have none
	FullyRead bool              // read by itself, not from a list
	FromPage  bool              // from a numbered list, which tells all but the image
}

// A Diff is one attribute that is not as wanted.
type Diff struct {
	Attr       *Attribute
	Have, Want any
	Unknown    bool       // Have is not known: only the seal shows that it is another one
	Mode       ChangeMode // what it takes to put it right
	Rule       string     // the rule that demands it; empty for an ordinary call
	Cause      Cause      // where it comes from

	secret bool // the values must not be shown
}

// Format is the difference for a reader: of maps, what differs; of secrets, no
// more than that they differ.
func (d Diff) Format() (have, want string) {
	h, ok1 := d.Have.(map[string]string)
	w, ok2 := d.Want.(map[string]string)
	if ok1 && ok2 && !d.Unknown {
		d.Have, d.Want = missingFrom(h, w), missingFrom(w, h)
	}
	if d.Unknown {
		return "(another value)", d.Attr.format(d.Want, d.secret, hidden)
	}
	return d.Attr.format(d.Have, d.secret, hidden), d.Attr.format(d.Want, d.secret, "(changed)")
}

// Diff returns what of the object is not as the resource wants it, in the
// order of the table. Attributes that cannot be read and have no seal are
// taken to be right when only a replacement could change them. What the
// resource ignores is left out.
func (r *Resource) Diff(have Object, f Facts) []Diff {
	if len(r.IgnoredPaths()) == 0 {
		return r.diff(have, f, func(*Attribute) (part func(any) any, compared bool) { return wholeValue, true })
	}
	return r.diff(have, f, func(a *Attribute) (part func(any) any, compared bool) {
		entries := r.ignoredEntries(a)
		return func(v any) any { return withoutEntries(v, entries) }, !r.ignoresAttr(a)
	})
}

// IgnoredDiffs returns what of the object is not as the resource wants it and is
// left as it is, as far as that can be seen.
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

// wholeValue is all of a value.
func wholeValue(v any) any { return v }

// diff compares what part says of each attribute: which part of its values, or
// not at all.
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
			d.Cause = cause(m, d, have, c.fingerprint, r.matchesFingerprint(c.fingerprint, m))
			diffs = append(diffs, d)
		}
	}
	return diffs
}

// A comparison is with one object.
type comparison struct {
	have        *Object
	facts       *Facts
	fingerprint fingerprint
}

// compare compares one attribute, or the part of it, by its value where that is
// known and else by its digest.
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
		// Nothing tells. A call makes it true; a replacement on no evidence
		// would destroy data.
		return Diff{Want: want, Unknown: true}, m.Change.Path != "" && m.Visibility == NeverShown && m.Role != Derived
	}
	return Diff{Want: want, Unknown: true}, !c.fingerprint.matches(m)
}

// compareShown compares a value that the object shows.
func (c *comparison) compareShown(a *Attribute, want any, part func(any) any) (Diff, bool) {
	h, ok := c.have.Attrs.attributes[a]
	if !ok {
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

// NeedsDetail reports whether the object has to be read by itself before it can
// be compared. It has to be if a list leaves out a managed attribute whose seal
// is missing or stands for another value: a seal alone is no reason to replace
// anything. It also has to be if a list leaves out a managed attribute that
// another client can change in place, since such a change does not touch the
// seal.
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

// FingerprintComplete reports whether the object's seal covers every attribute that the
// resource wants sealed and does not ignore. If not, its labels have to be
// written.
func (r *Resource) FingerprintComplete(have Object) bool {
	return r.fingerprintCovers(have, func(*Attribute) bool { return true })
}

// fingerprintCovers reports whether the object's seal covers the attributes that count,
// apart from those that the resource ignores.
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

// DroppedByServer names the attributes of a new object that the server was sent and did
// not keep: servers drop fields that they do not know without a word. The
// object must have been read by itself.
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

// NeedsNewerServer reports whether the resource has attributes that older servers do not
// know.
func (r *Resource) NeedsNewerServer() bool {
	for a := range r.attrs {
		if a.Since != (Version{}) {
			return true
		}
	}
	return false
}
