package spec

import (
	"net/url"
	"slices"
	"sync"

	"fleet/internal/redact"
)

// hidden stands for a secret value in what is printed.
const hidden = redact.Placeholder

// Redact hides the resource's secret values, and all sensitive values of the
// fleet, in a text that somebody else wrote: servers repeat what they were sent.
func (r *Resource) Redact(text string) string {
	return r.redactor.get(func() []string { return append(r.secrets(), r.fleetSecrets...) }).Text(text)
}

// Redact hides the secret values of all resources in a text.
func (f *Fleet) Redact(text string) string {
	return f.redactor.get(func() []string {
		all := slices.Clone(f.secrets)
		for _, r := range f.Resources {
			all = append(all, r.secrets()...)
		}
		return all
	}).Text(text)
}

// A lazyRedactor is a redactor that is made when it is first needed: many texts are
// looked through for the same values. A nil lazyRedactor keeps none.
type lazyRedactor struct {
	once     sync.Once
	redactor *redact.Redactor
}

// get returns the redactor of the values that a function lists. It may be called
// concurrently.
func (l *lazyRedactor) get(values func() []string) *redact.Redactor {
	if l == nil {
		return redact.New(values())
	}
	l.once.Do(func() { l.redactor = redact.New(values()) })
	return l.redactor
}

// secrets lists the secret values of the resource's own attributes.
func (r *Resource) secrets() []string {
	var list []string
	for _, a := range Tables[r.Kind] {
		if v, ok := r.Attrs[a]; ok && (a.Secret || r.sensitive[a]) {
			list = append(list, secretTexts(v)...)
		}
	}
	return list
}

// secretTexts lists the texts of a secret value; of a URL also the password.
func secretTexts(v any) []string {
	switch v := v.(type) {
	case string:
		secrets := []string{v}
		if u, err := url.Parse(v); err == nil && u.User != nil {
			if password, ok := u.User.Password(); ok {
				secrets = append(secrets, password)
			}
		}
		return secrets
	case map[string]string:
		var secrets []string
		for _, s := range v {
			secrets = append(secrets, s)
		}
		return secrets
	}
	return nil
}
