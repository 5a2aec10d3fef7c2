package spec

import (
	"net/url"
	"slices"
	"sync"

	"fleet/internal/redact"
)

// hidden replaces secret values in output.
const hidden = redact.Placeholder

// Redact hides the resource's secret values, and all sensitive values of the fleet, in a
// text of the server, which may repeat what it was sent.
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

// A lazyRedactor is a redactor that is made when it is first needed, since many
// texts are searched for the same values. A nil lazyRedactor makes a new one for
// each text. Its methods may be called concurrently.
type lazyRedactor struct {
	mu       sync.Mutex
	redactor *redact.Redactor
}

// get returns the redactor of the listed values.
func (l *lazyRedactor) get(values func() []string) *redact.Redactor {
	if l == nil {
		return redact.New(values())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.redactor == nil {
		l.redactor = redact.New(values())
	}
	return l.redactor
}

// reset forgets the redactor, after a change of the values.
func (l *lazyRedactor) reset() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.redactor = nil
}

// secrets returns the secret values of the resource's own attributes.
func (r *Resource) secrets() []string {
	var list []string
	for _, a := range Tables[r.Kind] {
		if v, ok := r.attrs.lookup(a); ok && (a.Secret || r.sensitive[a]) {
			list = append(list, secretTexts(v)...)
		}
	}
	return list
}

// secretTexts returns the texts of a secret value. For a URL they include the password.
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
