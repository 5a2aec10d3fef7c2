package spec

import (
	"errors"
	"fmt"
	"reflect"

	"fleet/internal/yamldoc"
)

// valuesToSet returns the attributes that [Resource.Set] sets, in canonical form.
func (r *Resource) valuesToSet(key string, value any) (attributes, error) {
	t := Tables[r.Kind]
	a := t.find(key)
	if a == nil {
		return nil, r.setError(key, &Diagnostic{Message: "unknown attribute", Hint: unknownKeyHint(key, t.settable())})
	}
	if a.Type.zero == nil || a.Structural {
		return nil, r.setError(key, &Diagnostic{Message: "it belongs to a block of a spec and cannot be set on a resource"})
	}
	if got, want := reflect.TypeOf(value), reflect.TypeOf(a.Type.zero); got != want {
		return nil, r.setError(key, &Diagnostic{Message: fmt.Sprintf("expected a value of the Go type %s (%s), got %T", want, a.Type.Name, value)})
	}
	if i, ok := value.(Image); ok && i.Dockerfile != "" {
		return attributes{{a, i.withFinalNewline()}}, nil
	}
	b, wrong := a.decodeValue(t, value)
	if wrong != nil {
		return nil, r.setError(key, wrong)
	}
	b.foldEphemeral()
	set := attributes{}
	for a, v := range b {
		set.set(a, v.value)
		if files, ok := value.(Files); ok {
			set.set(a, files) // with its content
		}
		if i, ok := v.value.(Image); ok {
			i, problem := i.pulled(r.Kind, "")
			if problem.Message != "" {
				return nil, r.setError(key, &Diagnostic{Message: problem.Message, Hint: problem.Hint})
			}
			set.set(a, i)
		}
	}
	return set, nil
}

// setError describes what is wrong with a value that was to be set.
func (r *Resource) setError(key string, m *Diagnostic) error {
	text := fmt.Sprintf("%s: %s: %s", r.Address, key, m.Message)
	if m.Hint != "" {
		text += "; " + m.Hint
	}
	return errors.New(text)
}

// settable returns the keys that [Resource.Set] accepts.
func (t Table) settable() []string {
	var keys []string
	for _, a := range t {
		if a.Role != Derived && a.Type.zero != nil && !a.Structural {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// decodeValue reads a value of the attribute's Go type as if a spec had set it,
// so that both have the same checks and the same canonical form. Texts that look
// like expressions are taken literally.
func (a *Attribute) decodeValue(t Table, value any) (block, *Diagnostic) {
	l := newLoader(Options{})
	d := &decoder{Decoder: l.NewDecoder(Source{})}
	if i, ok := value.(Image); ok {
		value = i.Name
	}
	n := yamldoc.NodeOf(a.Type.yamlValue(value))
	b := block{}
	d.attribute(b, a, locatedValue{node: n, path: a.Key})
	if a.Paths && len(l.Diagnostics) == 0 {
		d.checkIgnored(n, t, a.Key)
	}
	if len(l.Diagnostics) > 0 {
		return nil, l.Diagnostics[0]
	}
	return b, nil
}
