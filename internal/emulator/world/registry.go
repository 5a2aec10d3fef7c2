package world

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Registry is a registry of images for which the organisation has stored credentials.
// The password is not stored: builds of this server pull nothing.
type Registry struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	URL       string  `json:"url"`
	Username  string  `json:"username"`
	Project   string  `json:"project"`
	Type      string  `json:"registryType"`
	CreatedAt Instant `json:"createdAt"`
	UpdatedAt Instant `json:"updatedAt"`
}

// SortedRegistries returns all registries, the newest first.
func (w *World) SortedRegistries() []*Registry {
	return slices.SortedFunc(maps.Values(w.Registries), func(a, b *Registry) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), strings.Compare(a.ID, b.ID))
	})
}
