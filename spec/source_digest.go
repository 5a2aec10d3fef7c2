package spec

// SourceDigest returns a digest of a snapshot's Dockerfile or registry reference; ""
// if it has neither.
func (r *Resource) SourceDigest() string { return sourceDigest(r.attrs) }

// SourceDigest returns the digest of an observed snapshot. It equals the digest of
// the resource that the snapshot was created for.
func (o Object) SourceDigest() string { return sourceDigest(o.Attrs.set) }

// FromDeclaredSnapshot reports whether a sandbox of a fleet was created from a
// snapshot that the fleet's spec declared at that time.
func (o Object) FromDeclaredSnapshot() bool {
	return parseFingerprint(o.Labels[FingerprintLabel]).digestOf(contentRow.FingerprintLetter) != ""
}

func sourceDigest(attrs attributes) string {
	i, ok := attrs.get(snapshotImageRow).(Image)
	switch {
	case !ok || i.Name == "" && i.Dockerfile == "":
		return ""
	case i.Dockerfile == "":
		return digest(i.Name)
	}
	return i.normalized().Ref()
}
