package world

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// ResolveSecrets validates a list of objects that map variables to the names of
// secrets.
func (w *World) ResolveSecrets(list []any) ([]map[string]any, error) {
	var resolved []map[string]any
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, BadRequest("each value in secrets must be an object")
		}
		for _, name := range m {
			if w.SecretByName(jsString(name)) == nil {
				return nil, NotFound("Secret with name %s not found", jsString(name))
			}
		}
		resolved = append(resolved, m)
	}
	return resolved, nil
}

// SecretByName returns the secret with a name, or nil.
func (w *World) SecretByName(name string) *Secret {
	for _, s := range w.Secrets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// SortedSecrets returns all secrets, the newest first.
func (w *World) SortedSecrets() []*Secret {
	return slices.SortedFunc(maps.Values(w.Secrets), func(a, b *Secret) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), strings.Compare(a.ID, b.ID))
	})
}
