package spec

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"fleet/internal/decode"
)

// The keys of mappings below the top that have a form of their own.

var variableKeys = []Key{
	{Name: "type", Type: oneOf(decode.VarKinds...).Name, Doc: "Type of the value. Without it, it is that of the default.", Example: "type: number", With: "default: 2", schema: oneOf(decode.VarKinds...).schema.orExpression()},
	{Name: "default", Type: "any value", Doc: "Value, where none is given. A variable without a default has to be given one.", Example: "default: 2", schema: Schema{}},
	{Name: "description", Type: "text", Doc: "What it is for.", Example: "description: Cores of each worker", With: "default: 2", schema: ref("text")},
	{Name: "sensitive", Type: flag.Name, Doc: "Never print the value, wherever it goes.", Example: "sensitive: true", With: "default: 2", schema: flag.schema.orExpression()},
	{Name: "pattern", Type: "regular expression", Doc: "Form of the value, from its beginning to its end.", Example: "pattern: '[a-z]+'", With: "default: abc", schema: ref("text")},
	{Name: "one_of", Type: "list", Doc: "The values that are allowed.", Example: "one_of: [2, 4, 8]", With: "default: 2", schema: typed("array").orExpression()},
	{Name: "min", Type: "number", Doc: "Least value that is allowed.", Example: "min: 1", With: "default: 2", schema: typed("number").orExpression()},
	{Name: "max", Type: "number", Doc: "Greatest value that is allowed.", Example: "max: 16", With: "default: 2", schema: typed("number").orExpression()},
}

// variableSchema is for a variable in its long form, or only its default.
func variableSchema() Schema {
	s := keysSchema(variableKeys)
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
		Name: "steps", Type: "list of mappings of one key each", Doc: "What is appended, in its order.",
		Example: "steps:\n  - pip_install: [numpy]\n  - workdir: /work", With: "base: python:3.12-slim", Keys: stepKeys,
		schema: listOf(keysSchema(stepKeys).with(Schema{"minProperties": 1, "maxProperties": 1})),
	},
}

var latestTagPattern = regexp.MustCompile(`^[^@]*:latest$`)

// pythonSchemaPattern is that of the Python versions that are known.
func pythonSchemaPattern() string {
	series := strings.Join(slices.Sorted(maps.Keys(pythonVersions)), "|")
	return "^(" + strings.ReplaceAll(series, ".", `\.`) + `|3\.[0-9]+\.[0-9]+(rc[0-9]+)?)$`
}

// imageSchema is for an image: exactly one key says what it starts from.
func imageSchema() Schema {
	var starts []Schema
	for _, k := range imageBases {
		starts = append(starts, Schema{"required": []string{k}})
	}
	return keysSchema(imageKeys).orExpression().with(Schema{"if": typed("object"), "then": Schema{"oneOf": starts}})
}

// oneLineSchema is a text that has something in it and no line breaks.
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
		Example: "env: {PYTHONUNBUFFERED: 1}", schema: mapOf(decode.EnvNamePattern.String(), textSchema.with(matching(`^[^\n]*$`)).orExpression()).orExpression(),
	},
	{Name: "workdir", Type: "path", Doc: "Working directory of what follows.", Example: "workdir: /work", schema: oneLineSchema},
	{Name: "entrypoint", Type: "list of words", Doc: "Command that sandboxes run.", Example: "entrypoint: [sleep, infinity]", schema: words.schema.orExpression()},
	{Name: "cmd", Type: "list of words", Doc: "Arguments of the command.", Example: "cmd: [--verbose]", schema: words.schema.orExpression()},
}

var ownsKeys = []Key{
	{Name: "snapshots", Type: "list of name patterns", Doc: "Patterns of names of snapshots.", Example: "snapshots: [research-*]", schema: patternsSchema},
	{Name: "volumes", Type: "list of name patterns", Doc: "Patterns of names of volumes.", Example: "volumes: [scratch-*]", schema: patternsSchema},
}

// patternsSchema is for name patterns, which begin with plain characters.
var patternsSchema = listOf(textSchema.with(matching(`^[^*?\[\\]([^*?\[\\]|$)`))).orExpression()

var removedKeys = []Key{
	{Name: "from", Type: "address", Doc: "What it was.", Example: "from: sandbox.web", With: "destroy: false", schema: ref("text")},
	{Name: "destroy", Type: flag.Name, Doc: "false lets it go, and deletes nothing.", Example: "destroy: false", With: "from: sandbox.web", schema: flag.schema.orExpression()},
}

// removedSchema is for what is removed: an address, or a mapping.
func removedSchema() Schema {
	released := Schema{
		"properties": Schema{"from": matching(`^(snapshot|volume)\..|` + sandboxAddress), "destroy": Schema{"anyOf": []Schema{{"const": false}, ref("expression")}}},
		"required":   []string{"from", "destroy"},
	}
	entry := keysSchema(removedKeys).with(Schema{"anyOf": []Schema{addresses(`^(snapshot|volume)\..`, "from"), released}})
	entry["type"] = []string{"object", "string"}
	return typed("array").with(Schema{"items": entry.with(matching(`^(snapshot|volume)\..`))}).orExpression()
}

var movedKeys = []Key{
	{
		Name: "from", Type: "address", Doc: "What it was: a sandbox, a group (which stands for all its copies), or a fleet.",
		Example: "from: sandbox.old", With: "to: sandbox.main", schema: ref("text"),
	},
	{
		Name: "to", Type: "address", Doc: "What it is now. Of a fleet it is left out: it is this one.",
		Example: "to: sandbox.main", With: "from: sandbox.old", schema: ref("text"),
	},
}

// movedSchema is for what has moved: a sandbox to a sandbox, or a fleet.
func movedSchema() Schema {
	fleet := addresses(`^fleet\.`+strings.TrimPrefix(fleetNamePattern.String(), "^"), "from", "to")
	fleet["required"] = []string{"from"}
	return listOf(keysSchema(movedKeys).with(Schema{"anyOf": []Schema{addresses(sandboxAddress, "from", "to"), fleet}}))
}

// sandboxAddress is the form of the address of a sandbox, or of a group.
var sandboxAddress = `^sandbox\.` + strings.TrimPrefix(copyKeyPattern.String(), "^")

// addresses is for mappings in which some keys are addresses of a form.
func addresses(form string, keys ...string) Schema {
	properties := Schema{}
	for _, k := range keys {
		properties[k] = matching(form)
	}
	return Schema{"properties": properties, "required": keys}
}

// valueFromKeys are those of a text that is given by reference.
var valueFromKeys = []Key{
	{Name: "from_env", Type: "text", Doc: "Environment variable that holds the text.", Example: "from_env: API_TOKEN", schema: ref("text")},
	{Name: "from_file", Type: "path", Doc: "File that holds the text, relative to the spec. One that sops encrypted is decrypted. Lines end in LF in the text, however the file was checked out; a byte order mark and the last line break are left out.", Example: "from_file: token.txt", schema: ref("text")},
	{Name: "from_command", Type: "list of words", Doc: "Command that prints the text. It is run only with --allow-commands.", Example: "from_command: [pass, show, token]", schema: words.schema.orExpression()},
	{Name: "default", Type: "text", Doc: "With from_env: the text where the variable is not set.", Example: `default: ""`, With: "from_env: API_TOKEN", schema: ref("text")},
	{Name: "key", Type: "text", Doc: "With from_file: which part of a YAML or JSON file, such as database.password.", Example: "key: api.token", With: "from_file: secrets.yaml", schema: ref("text")},
}

// valueFromSchema is for a text that is given by reference.
func valueFromSchema() Schema {
	var ways []Schema
	for _, k := range decode.ValueSources {
		ways = append(ways, Schema{"required": []string{k}})
	}
	s := keysSchema(valueFromKeys).with(Schema{"oneOf": ways, "dependentRequired": Schema{"key": []string{"from_file"}, "default": []string{"from_env"}}})
	return withDescription(s, "A text by reference: it stands elsewhere, and is never printed.")
}
