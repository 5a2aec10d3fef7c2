package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/imageref"
	"fleet/internal/yamldoc"
)

// An imageEncoder collects the Dockerfiles of a fleet, each under one key.
type imageEncoder struct {
	keys  map[string]string // by Dockerfile
	taken map[string]bool   // keys
	order []encodedImage    // in the order of their first use
}

// An encodedImage is an entry of the section images.
type encodedImage struct{ key, dockerfile string }

func newImageEncoder() *imageEncoder {
	return &imageEncoder{keys: map[string]string{}, taken: map[string]bool{}}
}

// name returns the value of image in a block: a registry reference, or the key of an
// image. A Dockerfile keeps its key, or gets the key of the first block that uses it.
func (x *imageEncoder) name(w outputBlock, i Image) (string, error) {
	pulled, plain := strings.CutPrefix(strings.TrimRight(i.Dockerfile, "\n"), "FROM ")
	switch {
	case len(i.ContextHashes) > 0:
		return "", errors.New("its image was built with uploaded files, which a spec cannot describe")
	case i.Dockerfile == "":
		return i.Name, nil
	case plain && w.first.Kind == SandboxKind && imageref.Check(pulled, "") == (imageref.Problem{}):
		return pulled, nil
	}
	if key, ok := x.keys[i.Dockerfile]; ok {
		return key, nil
	}
	key := i.Name
	if !keyPattern.MatchString(key) {
		key = w.key
	}
	key = uniqueKey(key, x.taken)
	x.keys[i.Dockerfile] = key
	x.order = append(x.order, encodedImage{key, i.Dockerfile})
	return key, nil
}

// add adds an image under a key, even if another key has its Dockerfile.
func (x *imageEncoder) add(key, dockerfile string) error {
	switch added := (encodedImage{key, dockerfile}); {
	case slices.Contains(x.order, added):
		return nil
	case x.taken[key]:
		return fmt.Errorf("two images would have the key %s", key)
	default:
		x.taken[key] = true
		x.order = append(x.order, added)
		return nil
	}
}

// imagesOfCopies adds the images of a group whose copies have different ones, and returns
// the value of image. Images that are copies themselves get keys of their own: i[KEY]
// becomes i-KEY.
func (x *encodeState) imagesOfCopies(w outputBlock, a *Attribute, written *yaml.Node) (*yaml.Node, error) {
	for _, r := range w.copies {
		image, _ := r.attrs.get(a).(Image)
		key := withoutBrackets(image.Name)
		if image.Dockerfile == "" || !keyPattern.MatchString(key) {
			continue // a registry reference
		}
		if err := x.images.add(key, image.Dockerfile); err != nil {
			return nil, err
		}
	}
	if written.Kind == yaml.ScalarNode {
		written = yamldoc.PlainNode(withoutBrackets(written.Value))
	}
	return written, nil
}

// withoutBrackets returns the key of a copy as a key of its own.
func withoutBrackets(key string) string {
	inner, isCopy := strings.CutSuffix(key, "]")
	group, which, found := strings.Cut(inner, "[")
	if !isCopy || !found || group == "" {
		return key
	}
	return group + "-" + which
}

// node returns the section images.
func (x *imageEncoder) node() *yaml.Node {
	section := yamldoc.NewMapping()
	for _, i := range x.order {
		image := yamldoc.NewMapping()
		yamldoc.Put(image, "dockerfile", yamldoc.NodeOf(i.dockerfile))
		yamldoc.Put(section, i.key, image)
	}
	return section
}
