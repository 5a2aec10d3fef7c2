package spec

import (
	"iter"
	"maps"
	"slices"
)

// attributes holds values by attribute. In a resource, an absent attribute is
// not managed: it is not sent and not compared.
type attributes map[*Attribute]any

// text returns a string attribute; "" if it is absent.
func (as attributes) text(a *Attribute) string { s, _ := as[a].(string); return s }

// flag returns a boolean attribute; false if it is absent.
func (as attributes) flag(a *Attribute) bool { b, _ := as[a].(bool); return b }

// number returns a whole-number attribute; 0 if it is absent.
func (as attributes) number(a *Attribute) int { n, _ := as[a].(int); return n }

// Attrs holds the attributes of an [Object] as [Table.Read] found them, without the labels. It is
// immutable. The zero Attrs is empty.
type Attrs struct {
	set attributes // objects with equal values share it
	own []ownValue // the values that hardly two objects share
}

// An ownValue is the value of an attribute that only single resources have.
type ownValue struct {
	attribute *Attribute
	value     any
}

// value returns the value of an attribute; nil if there is none.
func (as Attrs) value(a *Attribute) any {
	for _, o := range as.own {
		if o.attribute == a {
			return o.value
		}
	}
	return as.set[a]
}

// text returns a string attribute; "" if it is absent.
func (as Attrs) text(a *Attribute) string {
	s, _ := as.value(a).(string)
	return s
}

// number returns a whole-number attribute; 0 if it is absent.
func (as Attrs) number(a *Attribute) int { return as.set.number(a) }

// Get returns the value of the attribute with the key, and whether there is one.
// The caller may change the value.
func (as Attrs) Get(key string) (value any, ok bool) {
	for a, v := range as.All() {
		if a.Key == key {
			return v, true
		}
	}
	return nil, false
}

// All returns the attributes and their values, in no particular order. The caller may
// change the values.
func (as Attrs) All() iter.Seq2[*Attribute, any] {
	return func(yield func(*Attribute, any) bool) {
		for _, o := range as.own {
			if !yield(o.attribute, o.value) {
				return
			}
		}
		for a, v := range as.set {
			if !yield(a, cloneValue(v)) {
				return
			}
		}
	}
}

// With returns a copy of as in which a has the value v.
func (as Attrs) With(a *Attribute, v any) Attrs {
	own := slices.DeleteFunc(slices.Clone(as.own), func(o ownValue) bool { return o.attribute == a })
	return Attrs{as.set.with(a, cloneValue(v)), own}
}

// cloneValue copies the values that share memory with their copies.
func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]string:
		return maps.Clone(v)
	case []string:
		return slices.Clone(v)
	case []Mount:
		return slices.Clone(v)
	case []IntOrPercent:
		return slices.Clone(v)
	}
	return v
}

// Attrs returns a copy of the resource's attributes. Later changes of the
// resource do not affect it.
func (r *Resource) Attrs() Attrs { return Attrs{set: maps.Clone(r.attrs)} }

// Get returns the value of the attribute with the key, and whether the spec sets
// one. The caller may change the value.
func (r *Resource) Get(key string) (value any, ok bool) {
	v, ok := r.attrs[Tables[r.Kind].find(key)]
	return cloneValue(v), ok
}

// Set sets an attribute by its key. The value must be of the attribute's Go type,
// such as string, int, [time.Duration] or [Image]; references are names on
// Daytona. An unknown key, a value of another type and a value that a spec may not
// have are errors, and leave the resource unchanged. Set does not check
// combinations of attributes, and does not change DependsOn and ExternalRefs.
//
// "ephemeral" sets auto_delete_interval to 0 or -1, as in a spec.
func (r *Resource) Set(key string, value any) error {
	set, err := r.valuesToSet(key, value)
	if err != nil {
		return err
	}
	for a, v := range set {
		r.put(a, v)
	}
	return nil
}

// Clear removes an attribute, which is then no longer managed. It does nothing if
// the resource does not have it.
func (r *Resource) Clear(key string) {
	if a := Tables[r.Kind].find(key); a != nil {
		r.put(a, nil)
	}
}

// put sets an attribute to a valid value, or removes it if v is nil, and drops
// what was computed from its former value.
func (r *Resource) put(a *Attribute, v any) {
	changed := !equal(r.attrs[a], v)
	r.attrs = r.attrs.with(a, v)
	r.unset = maps.Clone(r.unset) // copies of a group share it
	delete(r.unset, a)
	for _, derived := range Tables[r.Kind] {
		if derived.DerivedFrom == a && changed {
			delete(r.attrs, derived)
			delete(r.unset, derived)
		}
	}
	r.earlier = slices.Clone(r.earlier)
	for i, e := range r.earlier { // the value no longer comes from a file
		was := *e
		was.put(a, v)
		r.earlier[i] = &was
	}
	r.prepared = nil
	r.redactor.reset()
	r.fleetRedactor.reset()
}

// with returns a copy in which a has the value v, or is absent if v is nil.
func (as attributes) with(a *Attribute, v any) attributes {
	other := maps.Clone(as)
	if other == nil {
		other = attributes{}
	}
	if other[a] = v; v == nil {
		delete(other, a)
	}
	return other
}
