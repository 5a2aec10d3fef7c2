package spec

import (
	"errors"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/imageref"
	"fleet/internal/yamldoc"
)

// imageEncoder are the Dockerfiles of a fleet that is written, each under one key.
type imageEncoder struct {
	keys  map[string]string // by Dockerfile
	taken map[string]bool
	order []string // Dockerfiles
}

func newImageEncoder() *imageEncoder {
	return &imageEncoder{keys: map[string]string{}, taken: map[string]bool{}}
}

// name is what a block calls its image: a registry reference, or the key of an
// image. A Dockerfile keeps the key that it had, or gets that of the first
// block that uses it.
func (x *imageEncoder) name(w outputBlock, i Image) (string, error) {
	pulled, plain := strings.CutPrefix(strings.TrimRight(i.Dockerfile, "\n"), "FROM ")
	switch {
	case i.Context != "":
		return "", errors.New("its image was built with uploaded files, for which a spec has no words")
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

// node is the images section.
func (x *imageEncoder) node() *yaml.Node {
	section := yamldoc.NewMapping()
	for _, dockerfile := range x.order {
		image := yamldoc.NewMapping()
		yamldoc.Put(image, "dockerfile", yamldoc.NodeOf(dockerfile))
		yamldoc.Put(section, x.keys[dockerfile], image)
	}
	return section
}
