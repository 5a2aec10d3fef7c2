package spec

import "strings"

// BuiltImage returns the image that the object is built from. It reports false if
// nothing is built: the object is created from a snapshot or pulled from a registry.
func (r *Resource) BuiltImage() (i Image, ok bool) {
	for _, row := range []*Attribute{imageRow, snapshotImageRow} {
		if i, is := r.attrs.get(row).(Image); is && i.Dockerfile != "" {
			return i, true
		}
	}
	return Image{}, false
}

// BuildKey returns a key that is the same for objects that are built from the same
// content. It is empty if there is nothing to build: the object has no Dockerfile, or one
// that only names a base.
func (r *Resource) BuildKey() string {
	i, ok := r.BuiltImage()
	if !ok || i.onlyPulls() {
		return ""
	}
	return i.Ref()
}

// onlyPulls reports whether the Dockerfile is a single FROM instruction on one line.
func (i Image) onlyPulls() bool {
	line := strings.TrimSpace(i.Dockerfile)
	return !strings.ContainsAny(line, "\r\n") && len(line) > 5 && strings.EqualFold(line[:5], "FROM ")
}
