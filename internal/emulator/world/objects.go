package world

import (
	"maps"
	"slices"
	"strings"
)

// Object is the stored record of an uploaded object; the store of blobs has its content.
type Object struct {
	Key string `json:"key"`
	// Size is the length of the content in bytes.
	Size     int64   `json:"size"`
	ETag     string  `json:"etag"`
	Modified Instant `json:"modified"`
	// Blobs are the names of the blobs that make up the content. Older versions stored
	// one blob, named by the digest of the key.
	Blobs []string `json:"blobs,omitempty"`
}

// Contents returns the names of the blobs of the object.
func (o *Object) Contents() []string {
	if len(o.Blobs) == 0 {
		return []string{DigestOf(o.Key)}
	}
	return o.Blobs
}

// contextKey returns the key under which clients upload a part of a build context.
func contextKey(hash string) string { return OrganizationID + "/" + hash + "/context.tar" }

// PutObject stores an object, or replaces the one with that key. It returns the blobs of
// the latter, which can be removed after the change is stored.
func (w *World) PutObject(o *Object) (obsolete []string) {
	if old := w.Objects[o.Key]; old != nil {
		obsolete = old.Contents()
	}
	o.Modified = w.Now
	w.Objects[o.Key] = o
	w.MarkDirty(kindObject, o.Key)
	return obsolete
}

// PruneStore removes the blobs that no object and no file of a sandbox has.
func (w *World) PruneStore() error {
	keep := map[string]bool{}
	for _, o := range w.Objects {
		for _, name := range o.Contents() {
			keep[name] = true
		}
	}
	for _, sb := range w.Sandboxes.Order {
		for _, f := range sb.Files {
			keep[f.Blob] = true
		}
	}
	return w.Store.Prune(keep)
}

// ObjectsUnder returns the objects whose keys begin with prefix, sorted by key.
func (w *World) ObjectsUnder(prefix string) []*Object {
	var found []*Object
	for _, key := range slices.Sorted(maps.Keys(w.Objects)) {
		if strings.HasPrefix(key, prefix) {
			found = append(found, w.Objects[key])
		}
	}
	return found
}
