package world

import (
	"crypto/md5"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Object is the stored record of an uploaded object; the object store has its content.
type Object struct {
	Key string `json:"key"`
	// Size is the length of the content in bytes.
	Size     int     `json:"size"`
	ETag     string  `json:"etag"`
	Modified Instant `json:"modified"`
}

// contextKey returns the key under which clients upload a part of a build context.
func contextKey(hash string) string { return OrganizationID + "/" + hash + "/context.tar" }

// PutObject stores an object, or replaces the one with that key.
func (w *World) PutObject(key string, content []byte) (*Object, error) {
	if err := w.Store.put(key, content); err != nil {
		return nil, err
	}
	sum := md5.Sum(content)
	o := &Object{Key: key, Size: len(content), ETag: `"` + hex.EncodeToString(sum[:]) + `"`, Modified: w.Now}
	w.Objects[key] = o
	w.MarkDirty(kindObject, key)
	return o, nil
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
