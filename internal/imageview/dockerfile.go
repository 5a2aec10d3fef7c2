package imageview

import (
	"fmt"
	"strings"

	"fleet/internal/dockerfile"
	"fleet/internal/redact"
	"fleet/spec"
)

// A Dockerfile is the Dockerfile of an image of the spec.
type Dockerfile struct {
	Address spec.Address `json:"address"`
	Text    string       `json:"dockerfile"`
}

// Dockerfiles returns the Dockerfiles of images, with sensitive values hidden. The error
// is that of [CheckComplete].
func Dockerfiles(f *spec.Fleet, images []spec.ImageDecl) ([]Dockerfile, error) {
	if err := CheckComplete(images); err != nil {
		return nil, err
	}
	list := make([]Dockerfile, 0, len(images))
	for _, d := range images {
		text := d.Image.Dockerfile
		if d.Sensitive {
			text = hide(text, f.Sensitive())
		}
		list = append(list, Dockerfile{d.Address, text})
	}
	return list, nil
}

// CheckComplete returns an error if an image depends on values that are not set.
func CheckComplete(images []spec.ImageDecl) error {
	for _, d := range images {
		var names []string
		for _, u := range d.UnsetValues() {
			names = append(names, fmt.Sprintf("%s (%s)", u.Unset, u.Pos))
		}
		if len(names) > 0 {
			return fmt.Errorf("%s depends on values that are not set: %s", d.Address, listed(names))
		}
	}
	return nil
}

// hide returns a Dockerfile with sensitive values hidden. Values that are too short to be
// searched for hide all arguments.
func hide(text string, secrets []string) string {
	for _, s := range secrets {
		if s != "" && len(s) < redact.MinLength {
			return hideArguments(text)
		}
	}
	return redact.New(secrets).Text(text)
}

// hideArguments returns the instructions of a Dockerfile without their arguments.
func hideArguments(text string) string {
	var b strings.Builder
	file, _ := dockerfile.Parse(text) // the text was checked when the spec was read
	for _, i := range file.Instructions {
		fmt.Fprintf(&b, "%s %s\n", i.Keyword, redact.Placeholder)
	}
	return b.String()
}
