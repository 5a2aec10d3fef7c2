package spec

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Keys of the nested mappings of a spec.

var variableKeys = []Key{
	{Name: "type", Type: oneOf(varKinds...).Name, Doc: "Type of the value. The default is the type of the default value.", Example: "type: number", With: "default: 2", schema: oneOf(varKinds...).schema.orExpression()},
	{Name: "default", Type: "any value", Doc: "Default value. A variable without one must be set.", Example: "default: 2", schema: Schema{}},
	{Name: "description", Type: "text", Doc: "Purpose of the variable.", Example: "description: Cores of each worker", With: "default: 2", schema: ref("text")},
	{Name: "sensitive", Type: flag.Name, Doc: "Never print the value, in any place that uses it.", Example: "sensitive: true", With: "default: 2", schema: flag.schema.orExpression()},
	{Name: "pattern", Type: "regular expression", Doc: "Pattern that the whole value must match.", Example: "pattern: '[a-z]+'", With: "default: abc", schema: ref("text")},
	{Name: "one_of", Type: "list", Doc: "The allowed values.", Example: "one_of: [2, 4, 8]", With: "default: 2", schema: typed("array").orExpression()},
	{Name: "min", Type: "number", Doc: "Smallest allowed value.", Example: "min: 1", With: "default: 2", schema: typed("number").orExpression()},
	{Name: "max", Type: "number", Doc: "Largest allowed value.", Example: "max: 16", With: "default: 2", schema: typed("number").orExpression()},
}

// variableSchema returns the schema of a variable: its declaration, or only its
// default.
func variableSchema() Schema {
	s := object(variableKeys)
	s["type"] = []string{"object", "string", "number", "boolean", "array", "null"}
	return s
}

var imageKeys = []Key{
	{
		Name: "base", Type: "registry reference with a tag or digest", Doc: "Image to start from.",
		Example: "base: python:3.12-slim", schema: textSchema.with(matching(`^[^\s]+:[^/\s]+$`)).with(notMatching(latestTagPattern)).orExpression(),
	},
	{
		Name: "debian_slim", Type: "Python version, quoted", Doc: "Python to start from, on Debian: a series from 3.9 to 3.13, or a full version.",
		Example: `debian_slim: "3.12"`, schema: textSchema.with(matching(pythonSchemaPattern())).with(Schema{"minimum": 3, "exclusiveMaximum": 4}).orExpression(),
	},
	{
		Name: "dockerfile", Type: "text", Doc: "The Dockerfile itself.",
		Example: "dockerfile: |\n  FROM ubuntu:24.04\n  RUN apt-get update", schema: textSchema.with(matching(`\S`)).orExpression(),
	},
	{
		Name: "steps", Type: "list of mappings of one key each", Doc: "Steps appended to the Dockerfile, in order.",
		Example: "steps:\n  - pip_install: [numpy]\n  - workdir: /work", With: "base: python:3.12-slim", Keys: stepKeys,
		schema: listOf(object(stepKeys).with(Schema{"minProperties": 1, "maxProperties": 1})),
	},
}

var latestTagPattern = regexp.MustCompile(`^[^@]*:latest$`)

// pythonSchemaPattern returns the pattern of the known Python versions.
func pythonSchemaPattern() string {
	series := strings.Join(slices.Sorted(maps.Keys(pythonVersions)), "|")
	return "^(" + strings.ReplaceAll(series, ".", `\.`) + `|3\.[0-9]+\.[0-9]+(rc[0-9]+)?)$`
}

// imageSchema returns the schema of an image, which has exactly one base.
func imageSchema() Schema {
	var starts []Schema
	for _, k := range imageBases {
		starts = append(starts, Schema{"required": []string{k}})
	}
	return object(imageKeys).orExpression().with(Schema{"if": typed("object"), "then": Schema{"oneOf": starts}})
}

// oneLineSchema is the schema of a text that is not blank and has no line breaks.
var oneLineSchema = textSchema.with(matching(`^[^\n]*[^\s][^\n]*$`)).orExpression()

var stepKeys = []Key{
	{
		Name: "run_commands", Type: "list of commands; each a line of shell, or a list of words", Doc: "Run commands, one RUN line each.",
		Example: "run_commands: [apt-get update]",
		schema: typed("array").with(Schema{"items": Schema{"anyOf": []Schema{
			textSchema.with(matching(`^\n*[^\n]*\n*$|\\\n`)).with(matching(`\S`)), ref("reference"), typed("array").with(Schema{"items": ref("text")}),
		}}}).orExpression(),
	},
	{
		Name: "pip_install", Type: "package, or list of packages", Doc: "Install Python packages.",
		Example: "pip_install: [numpy, pandas]",
		schema:  typed("array", "string", "number").with(matching(`^[^\n]*[^\s][^\n]*$`)).with(Schema{"items": oneLineSchema}),
	},
	{
		Name: "env", Type: "mapping of texts of one line", Doc: "Environment variables of the image.",
		Example: "env: {PYTHONUNBUFFERED: 1}", schema: mapOf(envNamePattern.String(), textSchema.with(matching(`^[^\n]*$`)).orExpression()).orExpression(),
	},
	{Name: "workdir", Type: "path", Doc: "Working directory of the following steps.", Example: "workdir: /work", schema: oneLineSchema},
	{Name: "entrypoint", Type: "list of words", Doc: "Command that sandboxes run.", Example: "entrypoint: [sleep, infinity]", schema: words.schema.orExpression()},
	{Name: "cmd", Type: "list of words", Doc: "Arguments of the command.", Example: "cmd: [--verbose]", schema: words.schema.orExpression()},
}

var ownsKeys = []Key{
	{Name: "snapshots", Type: "list of name patterns", Doc: "Patterns of names of snapshots.", Example: "snapshots: [research-*]", schema: patternsSchema},
	{Name: "volumes", Type: "list of name patterns", Doc: "Patterns of names of volumes.", Example: "volumes: [scratch-*]", schema: patternsSchema},
}

// patternsSchema is the schema of name patterns, which start with literal characters.
var patternsSchema = listOf(textSchema.with(matching(`^[^*?\[\\]([^*?\[\\]|$)`))).orExpression()

var removedKeys = []Key{
	{Name: "from", Type: "address", Doc: "Address that the resource had.", Example: "from: sandbox.web", With: "destroy: false", schema: ref("text")},
	{Name: "destroy", Type: flag.Name, Doc: "false releases the resource without deleting it.", Example: "destroy: false", With: "from: sandbox.web", schema: flag.schema.orExpression()},
}

// removedSchema returns the schema of removed: a list of addresses or mappings.
func removedSchema() Schema {
	released := Schema{
		"properties": Schema{"from": matching(`^(snapshot|volume)\..|` + sandboxAddress), "destroy": Schema{"anyOf": []Schema{{"const": false}, ref("expression")}}},
		"required":   []string{"from", "destroy"},
	}
	entry := object(removedKeys).with(Schema{"anyOf": []Schema{addresses(`^(snapshot|volume)\..`, "from"), released}})
	entry["type"] = []string{"object", "string"}
	return typed("array").with(Schema{"items": entry.with(matching(`^(snapshot|volume)\..`))}).orExpression()
}

var movedKeys = []Key{
	{
		Name: "from", Type: "address", Doc: "Old address of a sandbox, of a group with all its copies, or of a fleet.",
		Example: "from: sandbox.old", With: "to: sandbox.main", schema: ref("text"),
	},
	{
		Name: "to", Type: "address", Doc: "New address. It is omitted for a fleet, which is always this one.",
		Example: "to: sandbox.main", With: "from: sandbox.old", schema: ref("text"),
	},
}

// movedSchema returns the schema of moved: from a sandbox to a sandbox, or a fleet.
func movedSchema() Schema {
	fleet := addresses(`^fleet\.`+strings.TrimPrefix(fleetNamePattern.String(), "^"), "from", "to")
	fleet["required"] = []string{"from"}
	return listOf(object(movedKeys).with(Schema{"anyOf": []Schema{addresses(sandboxAddress, "from", "to"), fleet}}))
}

// sandboxAddress is the pattern of the addresses of sandboxes and groups.
var sandboxAddress = `^sandbox\.` + strings.TrimPrefix(copyKeyPattern.String(), "^")

// addresses returns the schema of a mapping with required keys whose values match a
// pattern.
func addresses(form string, keys ...string) Schema {
	properties := Schema{}
	for _, k := range keys {
		properties[k] = matching(form)
	}
	return Schema{"properties": properties, "required": keys}
}

// valueFromKeys are the keys of a reference to a text.
var valueFromKeys = []Key{
	{Name: "from_env", Type: "text", Doc: "Environment variable that holds the text.", Example: "from_env: API_TOKEN", schema: ref("text")},
	{Name: "from_file", Type: "path", Doc: "File that holds the text, relative to the spec. Files encrypted with sops are decrypted. Line ends become LF; a byte order mark and the last line break are removed.", Example: "from_file: token.txt", schema: ref("text")},
	{Name: "from_command", Type: "list of words", Doc: "Command that prints the text. It only runs with --allow-commands.", Example: "from_command: [pass, show, token]", schema: words.schema.orExpression()},
	{Name: "default", Type: "text", Doc: "With from_env: the text if the variable is not set.", Example: `default: ""`, With: "from_env: API_TOKEN", schema: ref("text")},
	{Name: "key", Type: "text", Doc: "With from_file: path of the text within a YAML or JSON file, such as database.password.", Example: "key: api.token", With: "from_file: secrets.yaml", schema: ref("text")},
}

// valueFromSchema returns the schema of a reference to a text.
func valueFromSchema() Schema {
	var ways []Schema
	for _, k := range valueSources {
		ways = append(ways, Schema{"required": []string{k}})
	}
	s := object(valueFromKeys).with(Schema{"oneOf": ways, "dependentRequired": Schema{"key": []string{"from_file"}, "default": []string{"from_env"}}})
	return withDescription(s, "Reference to a text that is stored elsewhere. The text is never printed.")
}
