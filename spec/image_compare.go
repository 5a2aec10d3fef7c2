package spec

import "fleet/internal/dockerfile"

// Image returns the image that an object was built from or pulled as. It reports false if
// the server has not returned it.
func (o Object) Image() (i Image, ok bool) {
	for _, row := range []*Attribute{imageRow, snapshotImageRow} {
		if i, is := o.Attrs.value(row).(Image); is {
			return i, true
		}
	}
	return Image{}, false
}

// SameContent reports whether a build of both images has the same result: their
// Dockerfiles may differ in line ends, in the quotes of words and in the way in which lines
// are continued.
func (i Image) SameContent(other Image) bool { return imageValue.same(i, other) }

// sameBuild compares two images if one of them has a Dockerfile. Line ends and
// quotes change the server's reference, but not the build.
func (i Image) sameBuild(other Image) bool {
	a, b := i.normalized(), other.normalized()
	if a.Ref() == b.Ref() {
		return true
	}
	return a.Dockerfile != "" && b.Dockerfile != "" && a.sortedHashes() == b.sortedHashes() && dockerfile.SameBuild(a.Dockerfile, b.Dockerfile)
}

// ChangedFiles returns how the local files of the resource's image differ from those of
// an earlier image, in clauses.
func (r *Resource) ChangedFiles(earlier Image) []string {
	i, _ := r.BuiltImage()
	return explainContexts(earlier, i, r.knownContexts)
}

// ChangedInstructions returns how the Dockerfile of the resource's image differs from
// that of an earlier image, in clauses that only name lines.
func (r *Resource) ChangedInstructions(earlier Image) []string {
	i, _ := r.BuiltImage()
	return explainDockerfile(earlier.Dockerfile, i.Dockerfile)
}

// UnsetValues returns an error for each value that the image depends on and that is not
// set, in the order of the attributes.
func (d ImageDecl) UnsetValues() Diagnostics {
	var list Diagnostics
	for _, a := range imageTable {
		list = append(list, d.unset[a]...)
	}
	return list
}
