package world

import (
	"crypto/md5"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// object is the stored record of an uploaded object; its bytes are on the shelf.
type Object struct {
	Key      string  `json:"key"`
	Size     int     `json:"size"`
	ETag     string  `json:"etag"`
	Modified Instant `json:"modified"`
}

// contextKey is where the clients put one part of a build context.
func contextKey(hash string) string { return OrganizationID + "/" + hash + "/context.tar" }

// putObject stores an object or replaces the one under that key.
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

// objectsUnder returns the objects whose keys begin with prefix, by key.
func (w *World) ObjectsUnder(prefix string) []*Object {
	var found []*Object
	for _, key := range slices.Sorted(maps.Keys(w.Objects)) {
		if strings.HasPrefix(key, prefix) {
			found = append(found, w.Objects[key])
		}
	}
	return found
}
