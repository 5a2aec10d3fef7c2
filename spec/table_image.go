package spec

// Rows of images that code refers to.
var (
	baseRow = partRow(&Attribute{
		Key: "base", Type: baseImage,
		Doc:     "Image to start from.",
		Example: `base: python:3.12-slim`,
	})
	debianSlimRow = partRow(&Attribute{
		Key: "debian_slim", Type: pythonVersion,
		Doc:     "Python to start from, on Debian: a series from 3.9 to 3.13, or a full version.",
		Example: `debian_slim: "3.12"`,
	})
	dockerfileRow = partRow(&Attribute{
		Key: "dockerfile", Type: dockerfileText,
		Doc:     "The Dockerfile: its path, relative to the spec, or its text. A text of one line that does not begin with an instruction is a path. The directory of the file is the build context; that of a text is the directory of the spec.",
		Example: "dockerfile: ./Dockerfile",
	})
	fromDockerfileRow = partRow(&Attribute{
		Key: "from_dockerfile", Type: dockerfilePath,
		Doc:     "Path of the Dockerfile, relative to the spec.",
		Example: "from_dockerfile: docker/Dockerfile",
	})
	contextRow = partRow(&Attribute{
		Key: "context", Type: text, Check: notEmpty,
		Doc:     "Directory, relative to the spec, whose files COPY and ADD of the Dockerfile read.",
		Example: "context: .", With: "dockerfile: docker/Dockerfile",
	})
	stepsRow = partRow(&Attribute{
		Key: "steps", Type: imageSteps,
		Doc:     "Steps appended to the Dockerfile, in order.",
		Example: "steps:\n  - pip_install: [numpy]\n  - workdir: /work", With: "base: python:3.12-slim",
	})
	pullRow = partRow(&Attribute{
		Key: "pull", Type: oneOf(PullAlways),
		Doc:     "With always, a base image whose tag moves to another image is a change: each plan asks the registries for the digests of the tags. Without it, the server uses the image that it already has.",
		Example: "pull: always", With: "base: python:3.12-slim",
	})
	shareRow = partRow(&Attribute{
		Key: "share", Type: oneOf(ShareSnapshot),
		Doc:     "With snapshot, the image becomes a snapshot from which the sandboxes that use it are created, instead of a build for each of them.",
		Example: "share: snapshot", With: "base: python:3.12-slim",
	})
)

// Values of pull and share.
const (
	PullAlways    = "always"
	ShareSnapshot = "snapshot"
)

// imageBases are the attributes that an image starts from. An image has exactly one of
// them.
var imageBases = []*Attribute{baseRow, debianSlimRow, dockerfileRow, fromDockerfileRow}

var imageTable = Table{
	extendsRow, enabledRow, countRow, forEachRow,
	baseRow, debianSlimRow, dockerfileRow, fromDockerfileRow,
	contextRow, stepsRow, pullRow, shareRow,
}

// partRow makes a row a part of the content of other resources.
func partRow(a *Attribute) *Attribute {
	a.Role, a.AllowUnset = Part, true
	return a
}

// exclusivePairs returns the pairs of attributes that exclude each other.
func exclusivePairs(rows []*Attribute) (pairs [][2]*Attribute) {
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			pairs = append(pairs, [2]*Attribute{a, b})
		}
	}
	return pairs
}
