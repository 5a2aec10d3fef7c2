package imageview

import (
	"fmt"
	"slices"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// A Result is how an object relates to an image of the spec.
type Result string

// The results.
const (
	Same      Result = "same"
	Different Result = "different"
	Missing   Result = "missing" // there is no object
	Unknown   Result = "unknown" // it differs, and the server does not return its image
)

// A Difference is how the image of objects differs from that of the spec.
type Difference struct {
	Image        spec.Address   `json:"image"`
	Resources    []spec.Address `json:"resources"` // that use the image
	Objects      []string       `json:"objects"`   // their names on Daytona, in the same order
	Result       Result         `json:"result"`
	Instructions []string       `json:"instructions,omitempty"` // of the Dockerfile that differ, in clauses
	Files        []string       `json:"files,omitempty"`        // that differ, in clauses; at most maxFiles

	// Before and After are the Dockerfiles of the objects and of the spec. They are empty
	// if they are equal or contain sensitive values.
	Before string `json:"-"`
	After  string `json:"-"`
}

// maxFiles is the number of changed files that are listed.
const maxFiles = 200

// Compare compares images of the spec with the objects of a plan that use them, or with
// one of these objects: named by its address, its key or its name on Daytona. Objects
// that differ in the same way are one Difference.
func Compare(p *plan.Plan, images []spec.ImageDecl, object string) ([]Difference, error) {
	list := []Difference{}
	var users []string
	for _, d := range images {
		var ofImage []Difference
		for _, s := range p.Steps {
			if s.Want == nil || !uses(s.Want, d) {
				continue
			}
			users = append(users, s.Address.String())
			if object == "" || slices.Contains([]string{s.Address.String(), s.Address.Key, s.Name}, object) {
				ofImage = merged(ofImage, compare(p, s, d))
			}
		}
		list = append(list, ofImage...)
	}
	switch {
	case len(users) == 0:
		return nil, fmt.Errorf("no snapshot or sandbox of the spec uses %s", images[0].Address)
	case len(list) == 0:
		return nil, fmt.Errorf("%q does not use %s; it is used by %s", object, images[0].Address, listed(users))
	}
	return list, nil
}

// Users returns the addresses of the resources that are built from images of the spec.
func Users(f *spec.Fleet, images []spec.ImageDecl) []string {
	var users []string
	for _, r := range f.Resources {
		if slices.ContainsFunc(images, func(d spec.ImageDecl) bool { return uses(r, d) }) {
			users = append(users, r.String())
		}
	}
	return users
}

// uses reports whether a resource is built from the image.
func uses(r *spec.Resource, d spec.ImageDecl) bool {
	i, ok := r.BuiltImage()
	return ok && i.Name == d.Key
}

// compare compares one object with the image.
func compare(p *plan.Plan, s *plan.Step, d spec.ImageDecl) Difference {
	diff := Difference{Image: d.Address, Resources: []spec.Address{s.Address}, Objects: []string{s.Name}, Result: Missing}
	have := s.Have
	if have == nil {
		have = formerVersion(p, s.Address)
	}
	if have == nil {
		return diff
	}
	diff.Objects[0] = have.Name
	want, _ := s.Want.BuiltImage()
	image, known := have.Image()
	switch {
	case known && want.SameContent(image):
		diff.Result = Same
	case known:
		diff.Result = Different
		diff.Instructions = s.Want.ChangedInstructions(image)
		diff.Files = bounded(s.Want.ChangedFiles(image))
		if !d.Sensitive && image.Dockerfile != want.Dockerfile {
			diff.Before, diff.After = image.Dockerfile, want.Dockerfile
		}
	case slices.ContainsFunc(s.Want.Diff(have.Object, p.Facts), func(x spec.Diff) bool { return x.Attr.Ref == spec.ImageKind }):
		diff.Result = Unknown
	default:
		diff.Result = Same // by its fingerprint
	}
	return diff
}

// formerVersion returns the newest former version of a declared snapshot, or nil.
func formerVersion(p *plan.Plan, a spec.Address) (newest *plan.Object) {
	for _, s := range p.Steps {
		if s.FormerVersionOf == a && s.Have != nil && (newest == nil || s.Have.Created.After(newest.Created)) {
			newest = s.Have
		}
	}
	return newest
}

// bounded returns a list of clauses with at most maxFiles.
func bounded(list []string) []string {
	if more := len(list) - maxFiles; more > 0 {
		return append(list[:maxFiles:maxFiles], fmt.Sprintf("and %d more", more))
	}
	return list
}

// merged adds a difference to a list, or its object to an equal one.
func merged(list []Difference, d Difference) []Difference {
	for i := range list {
		if list[i].sameAs(d) {
			list[i].Resources = append(list[i].Resources, d.Resources...)
			list[i].Objects = append(list[i].Objects, d.Objects...)
			return list
		}
	}
	return append(list, d)
}

// sameAs reports whether two differences of one image have the same content.
func (d Difference) sameAs(other Difference) bool {
	key := func(d Difference) string {
		return strings.Join(slices.Concat([]string{string(d.Result), d.Before, d.After}, d.Instructions, []string{""}, d.Files), "\x00")
	}
	return key(d) == key(other)
}

// Equal reports whether all objects have the image of the spec.
func Equal(list []Difference) bool {
	return !slices.ContainsFunc(list, func(d Difference) bool { return d.Result != Same })
}
