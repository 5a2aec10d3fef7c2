package spec

// SourceDigest is a digest of what the resource, a snapshot, is to be made of: its
// Dockerfile, or its image of a registry. It is empty for what has none.
func (r *Resource) SourceDigest() string { return sourceDigest(r.attrs) }

// SourceDigest is that of an observed snapshot. It is the same as that of the resource
// which the snapshot was made for.
func (o Object) SourceDigest() string { return sourceDigest(o.Attrs.attributes) }

// FromDeclaredSnapshot reports whether the object, a sandbox of a fleet, was made from a
// snapshot that the fleet's spec declared then.
func (o Object) FromDeclaredSnapshot() bool {
	return parseFingerprint(o.Labels[FingerprintLabel]).digestOf(contentRow.FingerprintLetter) != ""
}

func sourceDigest(attrs attributes) string {
	i, ok := attrs[snapshotImageRow].(Image)
	switch {
	case !ok || i.Name == "" && i.Dockerfile == "":
		return ""
	case i.Dockerfile == "":
		return digest(i.Name)
	}
	return i.normalized().Ref()
}
