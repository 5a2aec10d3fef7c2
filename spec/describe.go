package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Unsaid is something of an object that its description leaves out.
type Unsaid struct {
	Key string // of the attribute; that of the name means that there is no description
	Why string
}

// Describe is the resource that a spec would have to declare for the object to
// be left as it is, and what of it a spec cannot say. The object must have been
// read by itself. What only lies in the spec of the named fleet, if that owns
// the object, stays with it: sealed attributes that the seal does not cover,
// labels of others.
func Describe(address Address, name string, have Object, fleet string, f Facts) (*Resource, []Unsaid) {
	d := &describer{have: have, facts: f, attrs: Attrs{}}
	if fleet != "" && have.Labels[FleetLabel] == fleet && have.Labels[KeyLabel] != "" {
		d.owner, d.seal = fleet, readSeal(have.Labels[SealLabel])
	}
	for _, a := range Tables[address.Kind] {
		if a.Key == nameRow.Key {
			d.say(a, name)
		} else if v := d.shown(a); v != nil {
			d.say(a, v)
		}
		if a.Seal != 0 && d.seal.of(a.Seal) != "" && a.Role == Remote && a.Shown == Nowhere {
			d.leave(a, "no answer of the server holds it, and the fleet's spec sets it")
		}
	}
	return &Resource{Address: address, Attrs: d.attrs}, d.unsaid
}

// A describer finds words for one object.
type describer struct {
	have   Object
	facts  Facts
	owner  string // the fleet of the object, if it is the one that is described
	seal   sealed // the owner's
	attrs  Attrs
	unsaid []Unsaid
}

func (d *describer) leave(a *Attribute, why string) { d.unsaid = append(d.unsaid, Unsaid{a.Key, why}) }

// shown is the value that the object shows, in the words of a spec; nil when it
// shows none.
func (d *describer) shown(a *Attribute) any {
	switch {
	case a.Label != "":
		return fromLabel(a.Type, d.have.Labels[a.Label])
	case a.Merges:
		return d.labels()
	case a.Role != Remote:
		return nil
	}
	v := d.have.Attrs[a]
	if v != nil && a.Named != nil {
		return a.Named(v, d.facts)
	}
	return v
}

// labels are those that the owner's spec set; of an object that nobody owns,
// all that a spec could set.
func (d *describer) labels() any {
	own := map[string]string{}
	if d.owner != "" {
		for k := range remembered(d.have.Labels) {
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

// say puts an attribute into the description, or tells why not.
func (d *describer) say(a *Attribute, v any) {
	why := ""
	if a.Said != nil {
		v, why = a.Said(v, d.attrs)
	}
	switch {
	case v == nil && why == "":
		return
	case why == "" && d.owner != "" && a.Seal != 0 && d.seal.of(a.Seal) == "":
		if usual(a, v) {
			return
		}
		why = fmt.Sprintf("the spec of fleet %s does not set it", d.owner)
	case why == "" && !usual(a, v):
		why = refusal(a, v)
	}
	if why != "" {
		d.leave(a, why)
		return
	}
	d.attrs[a] = v
}

// refusal says why a spec may not say a value that is there, or "".
func refusal(a *Attribute, v any) string {
	if s, ok := v.(string); ok && len(a.Type.Values) > 0 && !slices.Contains(a.Type.Values, s) {
		return fmt.Sprintf("%q is none of %s", s, strings.Join(a.Type.Values, ", "))
	}
	return a.Check.Wrong(v)
}

// usual reports whether an object has the value when a spec does not speak of
// the attribute.
func usual(a *Attribute, v any) bool {
	if list, ok := v.([]string); ok && len(list) == 0 {
		return true
	}
	return v == "" || a.Default != nil && equal(v, a.Default) || equal(v, a.Type.Absent)
}

// Shorten takes out of a description what an object has that is created without
// it.
func (r *Resource) Shorten() {
	maps.DeleteFunc(r.Attrs, usual)
}

// Recall shortens the description of a snapshot. The seals of sandboxes that a
// fleet made from it tell, by a digest, which of its attributes the fleet's spec
// set: these are kept, as any others would replace the sandboxes. It reports
// false when no choice of them fits the seals.
func (r *Resource) Recall(seals []string) bool {
	digests := map[string]bool{}
	for _, s := range seals {
		if d := readSeal(s).of(contentRow.Seal); d != "" {
			digests[d] = true
		}
	}
	if len(digests) == 0 {
		r.Shorten()
		return true
	}
	var open []*Attribute // may have been set or not
	for _, a := range Tables[r.Kind] {
		if _, ok := r.Attrs[a]; ok && a.Key != nameRow.Key && a.Type.refs == nil {
			open = append(open, a)
		}
	}
	all := r.Attrs
	for choice := range 1 << len(open) {
		r.Attrs = maps.Clone(all)
		for i, a := range open {
			if choice&(1<<i) != 0 {
				delete(r.Attrs, a)
			}
		}
		if content := digest(r.content()); !slices.ContainsFunc(slices.Collect(maps.Keys(digests)), func(d string) bool { return content[:len(d)] != d }) {
			return true
		}
	}
	r.Attrs = all
	return false
}

// Say sets an attribute by its key, which the resource's kind must have, to a
// value of the attribute's type.
func (r *Resource) Say(key string, v any) {
	r.Attrs[Tables[r.Kind].find(key)], r.prepared = v, nil
}

// Unsay takes an attribute out.
func (r *Resource) Unsay(key string) {
	delete(r.Attrs, Tables[r.Kind].find(key))
	r.prepared = nil
}

// Mentions lists the names of objects of a kind that the resource refers to.
func (r *Resource) Mentions(kind Kind) []string {
	var names []string
	for _, a := range Tables[r.Kind] {
		v, ok := r.Attrs[a]
		switch {
		case ok && a.Type.refs != nil:
			names = append(names, a.Type.refs(v, kind)...)
		case ok && a.Ref == kind:
			names = append(names, r.Attrs.text(a))
		}
	}
	return names
}

// The ways in which a spec says what is shown.

// sayImage leaves out what was built with files that a spec does not have.
func sayImage(v any, _ Attrs) (any, string) {
	i := v.(Image).ended()
	switch {
	case i.Context != "":
		return nil, "it was built with uploaded files, for which a spec has no words"
	case strings.TrimSpace(i.Dockerfile+i.Name) == "" || strings.ContainsRune(i.Dockerfile, 0):
		return nil, ""
	}
	return i, ""
}

// withImage is for what a spec says only beside an image: a snapshot brings its
// own.
func withImage(v any, beside Attrs) (any, string) {
	if _, ok := beside[imageRow]; !ok {
		return nil, ""
	}
	return v, ""
}

// withoutDockerfile is for what is part of a Dockerfile, if there is one.
func withoutDockerfile(v any, beside Attrs) (any, string) {
	if i, _ := beside[snapshotImageRow].(Image); i.Dockerfile != "" {
		return nil, ""
	}
	return v, ""
}

// atLeast is for numbers that mean the same from there down.
func atLeast(low int) func(any, Attrs) (any, string) {
	return func(v any, _ Attrs) (any, string) { return max(v.(int), low), "" }
}

// firstText is for lists of which a spec names one.
func firstText(v any, _ Attrs) (any, string) {
	if list, _ := v.([]string); len(list) > 0 {
		return list[0], ""
	}
	return nil, ""
}
