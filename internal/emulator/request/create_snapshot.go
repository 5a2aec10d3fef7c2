package request

import (
	"regexp"
	"strings"

	"fleet/internal/emulator/world"
)

var (
	snapshotName = regexp.MustCompile(`^[a-zA-Z0-9_.\-:]+(/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?$`)
	imageDigest  = regexp.MustCompile(`^[a-f0-9]{64}$`)
)

// CreateSnapshot is the validated body of POST /snapshots. Sizes are in vCPU and GiB;
// 0, "" and nil mean absent.
type CreateSnapshot struct {
	Name, Image, Region    string
	Entrypoint             []any
	CPU, GPU, Memory, Disk int
	GPUTypes               any
	Class                  string
	Build                  map[string]any
	Fraction               bool
}

// ReadCreateSnapshot reads the body.
func ReadCreateSnapshot(in *Input) (*CreateSnapshot, error) {
	q := &CreateSnapshot{
		Name: in.Name(true), Image: world.ValueOr(in.Text("imageName"), ""), Entrypoint: in.List("entrypoint"),
		CPU: world.ValueOr(in.Number("cpu", 0), 0), GPU: world.ValueOr(in.Number("gpu", 0), 0), GPUTypes: in.Fields["gpuType"],
		Memory: world.ValueOr(in.Number("memory", 0), 0), Disk: world.ValueOr(in.Number("disk", 0), 0),
		Region: world.ValueOr(in.Text("regionId"), ""), Class: world.ValueOr(in.Text("sandboxClass"), "container"),
	}
	if sent := in.Fields["buildInfo"]; sent != nil {
		m, _ := sent.(map[string]any)
		q.Build = world.OrEmpty(m)
	}
	q.Fraction = in.Fraction
	return q, in.Err()
}

// Check returns the error of the server, in the order of its checks.
func (q *CreateSnapshot) Check(w *world.World) error {
	if q.Build != nil {
		switch {
		case q.Image != "":
			return world.BadRequest("Cannot specify an image name when using a build info entry")
		case len(q.Entrypoint) > 0:
			return world.BadRequest("Cannot specify an entrypoint when using a build info entry")
		}
	} else if q.Image == "" {
		return world.BadRequest("Must specify an image name")
	}
	if _, err := w.FindRegion(q.Region); err != nil {
		return err
	}
	if !snapshotName.MatchString(q.Name) {
		return world.BadRequest("Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes")
	}
	if q.Build == nil {
		if p := imageProblem(q.Image); p != "" {
			return world.BadRequest("%s", p)
		}
	}
	return nil
}

// imageProblem returns the reason why an image name is invalid, or "".
func imageProblem(name string) string {
	if image, digest, ok := strings.Cut(name, "@sha256:"); ok {
		if image == "" || !imageDigest.MatchString(digest) {
			return "Invalid digest format. Must be image@sha256:64_hex_characters"
		}
		return ""
	}
	switch {
	case !strings.Contains(name, ":") || strings.HasSuffix(strings.TrimSpace(name), ":"):
		return "Image name must include a tag (e.g., ubuntu:22.04) or digest (@sha256:...)"
	case strings.HasSuffix(name, ":latest"):
		return `Images with tag ":latest" are not allowed`
	case !snapshotName.MatchString(name):
		return "Invalid image name format. Must be lowercase, may contain digits, dots, dashes, and single slashes between components"
	}
	return ""
}
