package emulator

import (
	"regexp"
	"strings"

	"fleet/internal/emulator/world"
)

var (
	snapshotName = regexp.MustCompile(`^[a-zA-Z0-9_.\-:]+(/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?$`)
	imageDigest  = regexp.MustCompile(`^[a-f0-9]{64}$`)
)

// snapshotRequest is the body of POST /snapshots after the validator.
type snapshotRequest struct {
	name, image, region    string
	entrypoint             []any
	cpu, gpu, memory, disk int
	gpuTypes               any
	class                  string
	build                  map[string]any
	fraction               bool
}

func readSnapshot(in *input) (*snapshotRequest, error) {
	q := &snapshotRequest{
		name: in.name(true), image: world.ValueOr(in.text("imageName"), ""), entrypoint: in.list("entrypoint"),
		cpu: world.ValueOr(in.number("cpu", 0), 0), gpu: world.ValueOr(in.number("gpu", 0), 0), gpuTypes: in.fields["gpuType"],
		memory: world.ValueOr(in.number("memory", 0), 0), disk: world.ValueOr(in.number("disk", 0), 0),
		region: world.ValueOr(in.text("regionId"), ""), class: world.ValueOr(in.text("sandboxClass"), "container"),
	}
	if sent := in.fields["buildInfo"]; sent != nil {
		m, _ := sent.(map[string]any)
		q.build = world.OrEmpty(m)
	}
	q.fraction = in.fraction
	return q, in.err()
}

// check refuses what the server refuses, in its order.
func (q *snapshotRequest) check(w *world.World) error {
	if q.build != nil {
		switch {
		case q.image != "":
			return world.BadRequest("Cannot specify an image name when using a build info entry")
		case len(q.entrypoint) > 0:
			return world.BadRequest("Cannot specify an entrypoint when using a build info entry")
		}
	} else if q.image == "" {
		return world.BadRequest("Must specify an image name")
	}
	if _, err := w.FindRegion(q.region); err != nil {
		return err
	}
	if !snapshotName.MatchString(q.name) {
		return world.BadRequest("Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes")
	}
	if q.build == nil {
		if p := imageProblem(q.image); p != "" {
			return world.BadRequest("%s", p)
		}
	}
	return nil
}

// imageProblem says what is wrong with the name of an image, or nothing.
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
