package spec

import (
	"slices"
)

// An Object is what is known of one remote object.
type Object struct {
	Attrs    Attrs             // as read by [Table.Read]
	Labels   map[string]string // nil for kinds that have none
	Detailed bool              // read by itself, not from a list
}

// A Diff is one attribute that is not as wanted.
type Diff struct {
	Attr       *Attribute
	Have, Want any
	Unknown    bool   // Have is not known: only the seal shows that it is another one
	Mode       Mode   // what it takes to put it right
	Rule       string // the rule that demands it; empty for an ordinary call
	Cause      Cause  // where it comes from

	secret bool // the values must not be shown
}

// Format is the difference for a reader: of maps, what differs; of secrets, no
// more than that they differ.
func (d Diff) Format() (have, want string) {
	h, ok1 := d.Have.(map[string]string)
	w, ok2 := d.Want.(map[string]string)
	if ok1 && ok2 && !d.Unknown {
		d.Have, d.Want = lacking(h, w), lacking(w, h)
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
	if len(r.Ignores()) == 0 {
		return r.diff(have, f, func(*Attribute) (part func(any) any, compared bool) { return entire, true })
	}
	return r.diff(have, f, func(a *Attribute) (part func(any) any, compared bool) {
		entries := r.spares(a)
		return func(v any) any { return outside(v, entries) }, !r.ignores(a)
	})
}

// Ignored returns what of the object is not as the resource wants it and is
// left as it is, as far as that can be seen.
func (r *Resource) Ignored(have Object, f Facts) []Diff {
	if len(r.Ignores()) == 0 {
		return nil
	}
	diffs := r.diff(have, f, func(a *Attribute) (part func(any) any, compared bool) {
		if r.ignores(a) {
			return entire, true
		}
		entries := r.spares(a)
		return func(v any) any { return inside(v, entries) }, len(entries) > 0 && (a.Merges || a.ShownBy(f, have.Detailed))
	})
	sealed := readSeal(have.Labels[SealLabel])
	return slices.DeleteFunc(diffs, func(d Diff) bool { return d.Unknown && sealed[d.Attr.Seal] == "" })
}

// entire is all of a value.
func entire(v any) any { return v }

// diff compares what part says of each attribute: which part of its values, or
// not at all.
func (r *Resource) diff(have Object, f Facts, part func(*Attribute) (func(any) any, bool)) []Diff {
	var diffs []Diff
	digests := readSeal(have.Labels[SealLabel])
	for _, a := range Tables[r.Kind] {
		want, managed := r.Attrs[a]
		if a.Merges && !managed && len(remembered(have.Labels)) > 0 {
			want, managed = a.Type.Absent, true // what the spec once set goes with it
		}
		if !managed || a.Role == Option || a.CreateOnly {
			continue
		}
		of, compared := part(a)
		if !compared {
			continue
		}
		if d, differs := r.compare(a, want, have, f, digests, of); differs {
			d.Attr, d.secret = a, a.Secret || r.sensitive[a]
			d.Mode, d.Rule = a.mode(d.Have, d.Want)
			d.Cause = r.cause(a, d, have, digests)
			diffs = append(diffs, d)
		}
	}
	return diffs
}

// compare compares one attribute, or the part of it, by its value where that is
// known and else by its digest.
func (r *Resource) compare(a *Attribute, want any, have Object, f Facts, digests map[byte]string, part func(any) any) (Diff, bool) {
	switch {
	case a.Label != "":
		h := fromLabel(a.Type, have.Labels[a.Label])
		return Diff{Have: h, Want: want}, h != want
	case a.Merges:
		w := want.(map[string]string)
		h := map[string]string{}
		for k, v := range have.Labels {
			if _, wanted := w[k]; wanted || slices.Contains(remembered(have.Labels), k) {
				h[k] = v
			}
		}
		d := Diff{Have: part(h), Want: part(w)}
		return d, !equal(d.Want, d.Have)
	case a.ShownBy(f, have.Detailed):
		h, ok := have.Attrs[a]
		if !ok {
			h = a.Type.Absent
		}
		shown := want
		if a.Resolve != nil {
			shown = a.Resolve(want, f)
		}
		h, shown, want = part(h), part(shown), part(want)
		differs := !a.Type.Same(shown, h)
		if a.Named == nil {
			return Diff{Have: h, Want: shown}, differs
		}
		return Diff{Have: a.Named(h, f), Want: want}, differs
	}
	sealed, ok := digests[a.Seal]
	if !ok {
		// Nothing tells. A call makes it true; a replacement on no evidence
		// would destroy data.
		return Diff{Want: want, Unknown: true}, a.Change.Path != "" && a.Shown == Nowhere && a.Role != Derived
	}
	return Diff{Want: want, Unknown: true}, r.digest(a)[:len(sealed)] != sealed
}

// NeedsDetail reports whether the object, as a list showed it, leaves open
// whether a managed attribute is right: one that lists do not show and whose
// seal is missing or is that of another value. Reading the object by itself
// tells; a seal alone is no reason to replace anything.
func (r *Resource) NeedsDetail(have Object, f Facts) bool {
	digests := readSeal(have.Labels[SealLabel])
	for _, a := range Tables[r.Kind] {
		_, managed := r.Attrs[a]
		if !managed || a.Seal == 0 || a.Shown == Nowhere || a.ShownBy(f, false) || r.ignores(a) {
			continue
		}
		if sealed, ok := digests[a.Seal]; !ok || r.digest(a)[:len(sealed)] != sealed {
			return true
		}
	}
	return false
}

// Sealed reports whether the object's seal covers every attribute that the
// resource wants sealed and does not ignore. If not, its labels have to be
// written.
func (r *Resource) Sealed(have Object) bool {
	digests := readSeal(have.Labels[SealLabel])
	for _, a := range Tables[r.Kind] {
		if _, managed := r.Attrs[a]; managed && a.Seal != 0 && !r.ignores(a) {
			if d, ok := digests[a.Seal]; !ok || r.digest(a)[:len(d)] != d {
				return false
			}
		}
	}
	return true
}

// Unkept names the attributes of a new object that the server was sent and did
// not keep: servers drop fields that they do not know without a word. The
// object must have been read by itself.
func (r *Resource) Unkept(have Object, f Facts) []string {
	var keys []string
	for _, a := range Tables[r.Kind] {
		want, managed := r.Attrs[a]
		if !managed || a.Since == (Version{}) || !a.ShownBy(f, have.Detailed) {
			continue
		}
		if _, differs := r.compare(a, want, have, f, nil, entire); differs {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// Novel reports whether the resource has attributes that older servers do not
// know.
func (r *Resource) Novel() bool {
	for a := range r.Attrs {
		if a.Since != (Version{}) {
			return true
		}
	}
	return false
}
