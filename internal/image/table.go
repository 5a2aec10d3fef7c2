package image

import (
	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

const fromDockerfile = "from_dockerfile"

// Bases are the keys of an image's beginning. An image has exactly one of them, or
// from_dockerfile as its first step.
var Bases = []Row{baseRow, debianSlimRow, dockerfileRow, fromDockerfileRow}

// Steps are the steps of an image.
var Steps = []Row{
	pipInstallRow, requirementsRow, pyprojectRow, uvRow, aptRow, npmRow,
	addLocalFileRow, addLocalDirRow, copyRow,
	runCommandsRow, dockerfileCommandsRow, fromDockerfileRow,
	envRow, argRow, labelRow, workdirRow, userRow, exposeRow, entrypointRow, cmdRow,
}

// Schemas of values.
var (
	textSchema    = jsonschema.Ref("text")
	oneLineSchema = jsonschema.Text.With(jsonschema.Matching(`^[^\n]*[^\s][^\n]*$`)).OrExpression()
	wordsSchema   = jsonschema.ListOf(jsonschema.Text).OrExpression()
	flagSchema    = jsonschema.Typed("boolean").OrExpression()
	listSchema    = jsonschema.Typed("array", "string", "number").With(jsonschema.Matching(`^[^\n]*[^\s][^\n]*$`)).With(jsonschema.Schema{"items": oneLineSchema})
	envSchema     = jsonschema.MapOf(decode.EnvNamePattern.String(), jsonschema.Text.With(jsonschema.Matching(`^[^\n]*$`)).OrExpression()).OrExpression()
)

// keysSchema returns the schema of a mapping with the keys.
func keysSchema(keys []Key) jsonschema.Schema {
	properties, required := jsonschema.Schema{}, []string{}
	for _, k := range keys {
		properties[k.Name] = jsonschema.WithDescription(k.Schema, k.Doc)
		if k.Required {
			required = append(required, k.Name)
		}
	}
	s := jsonschema.Typed("object").With(jsonschema.Schema{"properties": properties, "additionalProperties": false})
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// orKeys returns the schema of a value that is short or a mapping with the keys.
func orKeys(short jsonschema.Schema, keys []Key) jsonschema.Schema {
	return jsonschema.Schema{"anyOf": []jsonschema.Schema{short, keysSchema(keys)}}
}
