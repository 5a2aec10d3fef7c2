package spec

import (
	"iter"
	"maps"
	"slices"
)

// attributes holds values by attribute. In a resource, an absent attribute is
// not managed: it is not sent and not compared.
//
// It is a list, in no particular order: there are few attributes, and a list takes less
// than half of the memory of a map.
type attributes []attributeValue

// An attributeValue is an attribute with its value.
type attributeValue struct {
	attribute *Attribute
	value     any
}

// get returns the value of an attribute; nil if it is absent.
func (as attributes) get(a *Attribute) any {
	v, _ := as.lookup(a)
	return v
}

// lookup returns the value of an attribute, and whether there is one.
func (as attributes) lookup(a *Attribute) (v any, ok bool) {
	for _, e := range as {
		if e.attribute == a {
			return e.value, true
		}
	}
	return nil, false
}

// all iterates over the attributes and their values.
func (as attributes) all() iter.Seq2[*Attribute, any] {
	return func(yield func(*Attribute, any) bool) {
		for _, e := range as {
			if !yield(e.attribute, e.value) {
				return
			}
		}
	}
}

// set sets the value of an attribute.
func (as *attributes) set(a *Attribute, v any) {
	for i := range *as {
		if (*as)[i].attribute == a {
			(*as)[i].value = v
			return
		}
	}
	*as = append(*as, attributeValue{a, v})
}

// remove makes an attribute absent.
func (as *attributes) remove(a *Attribute) {
	*as = slices.DeleteFunc(*as, func(e attributeValue) bool { return e.attribute == a })
}

// text returns a string attribute; "" if it is absent.
func (as attributes) text(a *Attribute) string { s, _ := as.get(a).(string); return s }

// flag returns a boolean attribute; false if it is absent.
func (as attributes) flag(a *Attribute) bool { b, _ := as.get(a).(bool); return b }

// number returns a whole-number attribute; 0 if it is absent.
func (as attributes) number(a *Attribute) int { n, _ := as.get(a).(int); return n }

// Attrs holds the attributes of an [Object] as [Table.Read] found them, without the labels. It is
// immutable. The zero Attrs is empty.
type Attrs struct {
	set attributes // objects with equal values share it
	own attributes // the values that hardly two objects share
}

// value returns the value of an attribute; nil if there is none.
func (as Attrs) value(a *Attribute) any {
	if v, ok := as.own.lookup(a); ok {
		return v
	}
	return as.set.get(a)
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
		for _, list := range []attributes{as.own, as.set} {
			for _, e := range list {
				if !yield(e.attribute, cloneValue(e.value)) {
					return
				}
			}
		}
	}
}

// With returns a copy of as in which a has the value v.
func (as Attrs) With(a *Attribute, v any) Attrs {
	return Attrs{as.set.with(a, cloneValue(v)), as.own.with(a, nil)}
}

// cloneValue copies the values that share memory with their copies.
func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]string:
		return maps.Clone(v)
	case Files:
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
func (r *Resource) Attrs() Attrs { return Attrs{set: slices.Clone(r.attrs)} }

// Get returns the value of the attribute with the key, and whether the spec sets
// one. The caller may change the value.
func (r *Resource) Get(key string) (value any, ok bool) {
	v, ok := r.attrs.lookup(Tables[r.Kind].find(key))
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
	for a, v := range set.all() {
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
	changed := !equal(r.attrs.get(a), v)
	r.attrs = r.attrs.with(a, v)
	r.unset = maps.Clone(r.unset) // copies of a group share it
	delete(r.unset, a)
	for _, derived := range Tables[r.Kind] {
		if derived.DerivedFrom == a && changed {
			r.attrs.remove(derived)
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
	other := slices.Clone(as)
	if v == nil {
		other.remove(a)
	} else {
		other.set(a, v)
	}
	return other
}
