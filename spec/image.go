package spec

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/buildcontext"
	"fleet/internal/imageref"
	"fleet/internal/jsonschema"
)

// An Image is the content of a snapshot or sandbox: an image in a registry, or a
// Dockerfile.
type Image struct {
	Name       string // as in the spec: a registry reference, or the key of an image of the spec
	Dockerfile string // empty for a registry reference that is pulled without a build

	// ContextHashes are the hashes of the local files that the build copies, in the
	// order in which they are sent. The order does not matter for the build.
	ContextHashes []string

	// Contexts are the files of ContextHashes, in the same order, to be uploaded
	// before the build. They are nil if the image was not read from a spec, or if the
	// spec was read without [Options.Hasher]. They are not compared.
	Contexts []buildcontext.Manifest

	unhashed bool // the build copies local files, and their hashes are not known
}

// setContexts sets the files that the build of the image copies.
func (i *Image) setContexts(contexts []buildcontext.Manifest) {
	i.Contexts, i.ContextHashes = contexts, nil
	for _, m := range contexts {
		i.ContextHashes = append(i.ContextHashes, m.Hash)
	}
}

// Equal reports whether two images have the same name and content.
func (i Image) Equal(other Image) bool {
	return i.Name == other.Name && i.Dockerfile == other.Dockerfile && i.sortedHashes() == other.sortedHashes()
}

// sortedHashes returns the hashes of the context, sorted and joined.
func (i Image) sortedHashes() string {
	return strings.Join(slices.Sorted(slices.Values(i.ContextHashes)), "")
}

// Ref returns the identifier of the Dockerfile's build, as the server computes it
// (buildInfo.snapshotRef). It is empty for a registry reference.
func (i Image) Ref() string {
	if i.Dockerfile == "" {
		return ""
	}
	return fmt.Sprintf("daytona-%x:daytona", sha256.Sum256([]byte(i.Dockerfile+i.sortedHashes())))
}

// withFinalNewline returns the image with a Dockerfile, if any, that ends in exactly one
// newline, as in specs.
func (i Image) withFinalNewline() Image {
	if i.Dockerfile != "" {
		i.Dockerfile = strings.TrimRight(i.Dockerfile, "\n") + "\n"
	}
	return i
}

// normalized returns the image with its Dockerfile, if any, as Docker reads it: without
// a byte order mark, with LF line ends and one final newline. Line ends in
// here-documents are significant, so a Dockerfile that may have some keeps them.
func (i Image) normalized() Image {
	if i.Dockerfile == "" {
		return i
	}
	text := strings.TrimPrefix(i.Dockerfile, "\ufeff")
	if !strings.Contains(text, "<<") {
		text = trailingReturns.ReplaceAllString(text, "\n")
	}
	i.Dockerfile = text
	return i.withFinalNewline()
}

var trailingReturns = regexp.MustCompile(`\r+(\n|$)`)

// pulled returns an image whose name is a registry reference in the form that a
// kind needs, and what is wrong with the reference. other is what the name could
// also have been, or empty.
func (i Image) pulled(kind Kind, other string) (Image, imageref.Problem) {
	if kind != SandboxKind {
		return i, imageref.CheckPulled(i.Name, other)
	}
	problem := imageref.Check(i.Name, other)
	i.Dockerfile = "FROM " + i.Name + "\n" // a sandbox builds its image even if there is nothing to add
	return i, problem
}

// imageValue is an image by name. Its Dockerfile is filled in when the whole spec has
// been read.
var imageValue = Type{
	Name:   "image of the spec, or registry reference with a tag or digest",
	zero:   Image{},
	Schema: jsonschema.Text,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		return Image{Name: s}, ok
	},
	same: func(want, have any) bool {
		w, _ := want.(Image)
		h, _ := have.(Image)
		if w.Dockerfile != "" || h.Dockerfile != "" {
			return w.sameBuild(h)
		}
		return w.Name == h.Name
	},
	verbatim: true,
	format: func(v any) string {
		if i := v.(Image); i.Dockerfile == "" {
			return i.Name
		}
		return v.(Image).Dockerfile
	},
	explain: explainImage,
	refs: func(v any, to Kind) []string {
		if to == ImageKind {
			return []string{v.(Image).Name}
		}
		return nil
	},
}

// sendImage returns a function that adds an image to a create request: references under
// field, and Dockerfiles under BuildInfo.
func sendImage(field string) func(map[string]any, any) {
	return func(body map[string]any, v any) {
		i := v.(Image)
		if i.Dockerfile == "" {
			body[field] = i.Name
			return
		}
		build := map[string]any{"dockerfileContent": i.Dockerfile}
		if len(i.ContextHashes) > 0 {
			build["contextHashes"] = i.ContextHashes
		}
		body["buildInfo"] = build
	}
}

// recvImage reads the image in a response, from the values of its build and, if it has
// one, its name.
func recvImage(values []json.RawMessage) any {
	var i Image
	var build struct {
		DockerfileContent string
		ContextHashes     []string
	}
	if raw := values[0]; raw != nil && json.Unmarshal(raw, &build) == nil && build.DockerfileContent != "" {
		i.Dockerfile, i.ContextHashes = build.DockerfileContent, build.ContextHashes
	} else if len(values) > 1 && values[1] != nil && json.Unmarshal(values[1], &i.Name) != nil {
		return nil
	}
	if i.Name == "" && i.Dockerfile == "" {
		return nil
	}
	return i
}

// MarshalJSON returns the reference of the build, or the name without a build, so that
// the digest of an image does not depend on its key.
func (i Image) MarshalJSON() ([]byte, error) {
	if i.Dockerfile != "" {
		return json.Marshal(i.Ref())
	}
	return json.Marshal(i.Name)
}
