package spec

import (
	"errors"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/imageref"
	"fleet/internal/yamldoc"
)

// An imageEncoder collects the Dockerfiles of a fleet, each under one key.
type imageEncoder struct {
	keys  map[string]string // by Dockerfile
	taken map[string]bool   // keys
	order []string          // Dockerfiles in the order of their first use
}

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
	x.order = append(x.order, i.Dockerfile)
	return key, nil
}

// node returns the section images.
func (x *imageEncoder) node() *yaml.Node {
	section := yamldoc.NewMapping()
	for _, dockerfile := range x.order {
		image := yamldoc.NewMapping()
		yamldoc.Put(image, "dockerfile", yamldoc.NodeOf(dockerfile))
		yamldoc.Put(section, x.keys[dockerfile], image)
	}
	return section
}
