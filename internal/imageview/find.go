// Package imageview collects what the image commands show: the Dockerfiles of images,
// the local files that their builds copy, and how both differ from the images that
// objects were built from.
package imageview

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fleet/internal/suggest"
	"fleet/spec"
)

// Find returns the images of the spec that a user names: an image, a copy of one such as
// task[a], or a group with all its copies. The prefix "image." may be omitted. The error
// suggests a similar key.
func Find(f *spec.Fleet, name string) ([]spec.ImageDecl, error) {
	key := strings.TrimPrefix(name, string(spec.ImageKind)+".")
	var found []spec.ImageDecl
	for _, d := range f.Images() {
		if d.Key == key || group(d) == key {
			found = append(found, d)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	keys := Keys(f)
	if len(keys) == 0 {
		return nil, fmt.Errorf("image %q not found; the spec has no images", key)
	}
	return nil, fmt.Errorf("image %q not found; %s", key, cmp.Or(suggest.DidYouMean(key, keys), "the spec has "+listed(keys)))
}

// Keys returns the keys of the images of the spec, and those of groups before their
// copies.
func Keys(f *spec.Fleet) []string {
	var keys []string
	for _, d := range f.Images() {
		if g := group(d); g != d.Key && !slices.Contains(keys, g) {
			keys = append(keys, g)
		}
		keys = append(keys, d.Key)
	}
	return keys
}

// group returns the key of the group of a copy, or the key itself if it is no copy.
func group(d spec.ImageDecl) string {
	key, _ := d.Group()
	return key
}

// maxListed is the number of names that a message lists.
const maxListed = 10

// listed joins names for a message.
func listed(names []string) string {
	if more := len(names) - maxListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), more)
	}
	return strings.Join(names, ", ")
}
