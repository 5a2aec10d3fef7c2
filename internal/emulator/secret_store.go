package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// resolveSecrets checks a list of objects that map a variable to a secret's name.
func (w *world) resolveSecrets(list []any) ([]map[string]any, error) {
	var resolved []map[string]any
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, badRequest("each value in secrets must be an object")
		}
		for _, name := range m {
			if w.secretByName(jsString(name)) == nil {
				return nil, notFound("Secret with name %s not found", jsString(name))
			}
		}
		resolved = append(resolved, m)
	}
	return resolved, nil
}

func (w *world) secretByName(name string) *secret {
	for _, s := range w.secrets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func (w *world) sortedSecrets() []*secret {
	return slices.SortedFunc(maps.Values(w.secrets), func(a, b *secret) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), strings.Compare(a.ID, b.ID))
	})
}
