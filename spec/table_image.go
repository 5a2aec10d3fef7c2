package spec

import (
	"slices"

	"gopkg.in/yaml.v3"

	"fleet/internal/image"
	"fleet/internal/jsonschema"
)

// Rows of images that code refers to.
var (
	dockerfileRow = baseRow("dockerfile")
	contextRow    = partRow(&Attribute{
		Key: "context", Type: contextDir,
		Doc:     "Directory, relative to the spec, whose files COPY and ADD of the Dockerfile read. The default is the directory of the Dockerfile, or of the spec that contains its text.",
		Example: "context: .", With: "dockerfile: docker/Dockerfile",
	})
	argsRow = partRow(&Attribute{
		Key: "args", Type: buildArgs,
		Doc:     "Build arguments: values of the ARG instructions of the Dockerfile. They can be read from the image, so they must not be secret.",
		Example: `args: {VERSION: "1.4"}`, With: "dockerfile: ./Dockerfile",
	})
	stepsRow = partRow(&Attribute{
		Key: "steps", Type: imageSteps,
		Doc:     "Steps appended to the Dockerfile, in order.",
		Example: "steps:\n  - pip_install: [numpy]\n  - workdir: /work", With: "base: python:3.12-slim",
	})
	pullRow = partRow(&Attribute{
		Key: "pull", Type: oneOf(PullAlways),
		Doc:     "With always, a base image whose tag moves to another image is a change: each plan reads the digests of the tags from their registries. Without it, the server uses the image that it already has.",
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

// imageBases are the attributes that an image starts from. They exclude each other.
var imageBases = func() (rows []*Attribute) {
	for _, row := range image.Bases {
		if a := dockerfileRow; row.Name == a.Key {
			rows = append(rows, a)
		} else {
			rows = append(rows, baseRow(row.Name))
		}
	}
	return rows
}()

var imageTable = slices.Concat(Table{extendsRow, enabledRow, countRow, forEachRow}, imageBases, Table{contextRow, argsRow, stepsRow, pullRow, shareRow})

// partRow makes a row a part of the content of other resources.
func partRow(a *Attribute) *Attribute {
	a.Role, a.AllowUnset = Part, true
	return a
}

// baseRow returns the row of a base of images.
func baseRow(name string) *Attribute {
	row := image.Bases[slices.IndexFunc(image.Bases, func(row image.Row) bool { return row.Name == name })]
	return partRow(&Attribute{
		Key: name, Doc: row.Doc, Example: row.Example,
		Type: Type{
			Name: row.Type, Schema: row.Schema,
			decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.imageBase(name, n, path) },
		},
	})
}

// buildArgs are the values of build arguments.
var buildArgs = Type{
	Name:   "mapping of texts of one line",
	Schema: jsonschema.Typed("object").With(jsonschema.Schema{"additionalProperties": jsonschema.Text.With(jsonschema.Matching(`^[^\n]*$`)).OrExpression()}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return image.DecodeArgs(d.Decoder, n, path) },
	merge:  func(base, over any) any { return slices.Concat(base.([]image.Arg), over.([]image.Arg)) },
}

// imageSteps are the steps of an image.
var imageSteps = Type{
	Name:   "list of mappings of one key each",
	Keys:   stepKeys,
	Schema: jsonschema.ListOf(KeysSchema(stepKeys).With(jsonschema.Schema{"minProperties": 1, "maxProperties": 1})),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return image.DecodeSteps(d.Decoder, n, path) },
	join:   func(base, over any) any { return slices.Concat(base.([]image.Step), over.([]image.Step)) },
}

// stepKeys are the keys of steps.
var stepKeys = func() (keys []Key) {
	for _, row := range image.Steps {
		k := Key{Name: row.Name, Type: row.Type, Doc: row.Doc, Example: row.Example, schema: row.Schema}
		for _, below := range row.Keys {
			k.Keys = append(k.Keys, Key{Name: below.Name, Type: below.Type, Doc: below.Doc, Example: below.Example, schema: below.Schema})
		}
		keys = append(keys, k)
	}
	return keys
}()

// exclusivePairs returns the pairs of attributes that exclude each other.
func exclusivePairs(rows []*Attribute) (pairs [][2]*Attribute) {
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			pairs = append(pairs, [2]*Attribute{a, b})
		}
	}
	return pairs
}
