package emulator

import (
	"crypto/md5"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// object is the stored record of an uploaded object; its bytes are on the shelf.
type object struct {
	Key      string  `json:"key"`
	Size     int     `json:"size"`
	ETag     string  `json:"etag"`
	Modified instant `json:"modified"`
}

// contextKey is where the clients put one part of a build context.
func contextKey(hash string) string { return organizationID + "/" + hash + "/context.tar" }

// putObject stores an object or replaces the one under that key.
func (w *world) putObject(key string, content []byte) (*object, error) {
	if err := w.store.put(key, content); err != nil {
		return nil, err
	}
	sum := md5.Sum(content)
	o := &object{Key: key, Size: len(content), ETag: `"` + hex.EncodeToString(sum[:]) + `"`, Modified: w.now}
	w.objects[key] = o
	w.markDirty(kindObject, key)
	return o, nil
}

// objectsUnder returns the objects whose keys begin with prefix, by key.
func (w *world) objectsUnder(prefix string) []*object {
	var found []*object
	for _, key := range slices.Sorted(maps.Keys(w.objects)) {
		if strings.HasPrefix(key, prefix) {
			found = append(found, w.objects[key])
		}
	}
	return found
}
