package spec

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

// The keys of mappings below the top that have a form of their own.

var variableKeys = []Key{
	{Name: "type", Type: oneOf(decode.VarKinds...).Name, Doc: "Type of the value. Without it, it is that of the default.", Example: "type: number", With: "default: 2", schema: oneOf(decode.VarKinds...).Schema.OrExpression()},
	{Name: "default", Type: "any value", Doc: "Value, where none is given. A variable without a default has to be given one.", Example: "default: 2", schema: jsonschema.Schema{}},
	{Name: "description", Type: "text", Doc: "What it is for.", Example: "description: Cores of each worker", With: "default: 2", schema: jsonschema.Ref("text")},
	{Name: "sensitive", Type: flag.Name, Doc: "Never print the value, wherever it goes.", Example: "sensitive: true", With: "default: 2", schema: flag.Schema.OrExpression()},
	{Name: "pattern", Type: "regular expression", Doc: "Form of the value, from its beginning to its end.", Example: "pattern: '[a-z]+'", With: "default: abc", schema: jsonschema.Ref("text")},
	{Name: "one_of", Type: "list", Doc: "The values that are allowed.", Example: "one_of: [2, 4, 8]", With: "default: 2", schema: jsonschema.Typed("array").OrExpression()},
	{Name: "min", Type: "number", Doc: "Least value that is allowed.", Example: "min: 1", With: "default: 2", schema: jsonschema.Typed("number").OrExpression()},
	{Name: "max", Type: "number", Doc: "Greatest value that is allowed.", Example: "max: 16", With: "default: 2", schema: jsonschema.Typed("number").OrExpression()},
}

// VariableSchema is for a variable in its long form, or only its default.
func VariableSchema() jsonschema.Schema {
	s := KeysSchema(variableKeys)
	s["type"] = []string{"object", "string", "number", "boolean", "array", "null"}
	return s
}

var imageKeys = []Key{
	{
		Name: "base", Type: "registry reference with a tag or digest", Doc: "Image to start from.",
		Example: "base: python:3.12-slim", schema: jsonschema.Text.With(jsonschema.Matching(`^[^\s]+:[^/\s]+$`)).With(jsonschema.NotMatching(latestTagPattern)).OrExpression(),
	},
	{
		Name: "debian_slim", Type: "Python version, quoted", Doc: "Python to start from, on Debian: a series from 3.9 to 3.13, or a full version.",
		Example: `debian_slim: "3.12"`, schema: jsonschema.Text.With(jsonschema.Matching(pythonSchemaPattern())).With(jsonschema.Schema{"minimum": 3, "exclusiveMaximum": 4}).OrExpression(),
	},
	{
		Name: "dockerfile", Type: "text", Doc: "The Dockerfile itself.",
		Example: "dockerfile: |\n  FROM ubuntu:24.04\n  RUN apt-get update", schema: jsonschema.Text.With(jsonschema.Matching(`\S`)).OrExpression(),
	},
	{
		Name: "steps", Type: "list of mappings of one key each", Doc: "What is appended, in its order.",
		Example: "steps:\n  - pip_install: [numpy]\n  - workdir: /work", With: "base: python:3.12-slim", Keys: stepKeys,
		schema: jsonschema.ListOf(KeysSchema(stepKeys).With(jsonschema.Schema{"minProperties": 1, "maxProperties": 1})),
	},
}

var latestTagPattern = regexp.MustCompile(`^[^@]*:latest$`)

// pythonSchemaPattern is that of the Python versions that are known.
func pythonSchemaPattern() string {
	series := strings.Join(slices.Sorted(maps.Keys(pythonVersions)), "|")
	return "^(" + strings.ReplaceAll(series, ".", `\.`) + `|3\.[0-9]+\.[0-9]+(rc[0-9]+)?)$`
}

// ImageSchema is for an image: exactly one key says what it starts from.
func ImageSchema() jsonschema.Schema {
	var starts []jsonschema.Schema
	for _, k := range imageBases {
		starts = append(starts, jsonschema.Schema{"required": []string{k}})
	}
	return KeysSchema(imageKeys).OrExpression().With(jsonschema.Schema{"if": jsonschema.Typed("object"), "then": jsonschema.Schema{"oneOf": starts}})
}

// oneLineSchema is a text that has something in it and no line breaks.
var oneLineSchema = jsonschema.Text.With(jsonschema.Matching(`^[^\n]*[^\s][^\n]*$`)).OrExpression()

var stepKeys = []Key{
	{
		Name: "run_commands", Type: "list of commands; each a line of shell, or a list of words", Doc: "Run commands, one RUN line each.",
		Example: "run_commands: [apt-get update]",
		schema: jsonschema.Typed("array").With(jsonschema.Schema{"items": jsonschema.Schema{"anyOf": []jsonschema.Schema{
			jsonschema.Text.With(jsonschema.Matching(`^\n*[^\n]*\n*$|\\\n`)).With(jsonschema.Matching(`\S`)), jsonschema.Ref("reference"), jsonschema.Typed("array").With(jsonschema.Schema{"items": jsonschema.Ref("text")}),
		}}}).OrExpression(),
	},
	{
		Name: "pip_install", Type: "package, or list of packages", Doc: "Install Python packages.",
		Example: "pip_install: [numpy, pandas]",
		schema:  jsonschema.Typed("array", "string", "number").With(jsonschema.Matching(`^[^\n]*[^\s][^\n]*$`)).With(jsonschema.Schema{"items": oneLineSchema}),
	},
	{
		Name: "env", Type: "mapping of texts of one line", Doc: "Environment variables of the image.",
		Example: "env: {PYTHONUNBUFFERED: 1}", schema: jsonschema.MapOf(decode.EnvNamePattern.String(), jsonschema.Text.With(jsonschema.Matching(`^[^\n]*$`)).OrExpression()).OrExpression(),
	},
	{Name: "workdir", Type: "path", Doc: "Working directory of what follows.", Example: "workdir: /work", schema: oneLineSchema},
	{Name: "entrypoint", Type: "list of words", Doc: "Command that sandboxes run.", Example: "entrypoint: [sleep, infinity]", schema: words.Schema.OrExpression()},
	{Name: "cmd", Type: "list of words", Doc: "Arguments of the command.", Example: "cmd: [--verbose]", schema: words.Schema.OrExpression()},
}

var ownsKeys = []Key{
	{Name: "snapshots", Type: "list of name patterns", Doc: "Patterns of names of snapshots.", Example: "snapshots: [research-*]", schema: patternsSchema},
	{Name: "volumes", Type: "list of name patterns", Doc: "Patterns of names of volumes.", Example: "volumes: [scratch-*]", schema: patternsSchema},
}

// patternsSchema is for name patterns, which begin with plain characters.
var patternsSchema = jsonschema.ListOf(jsonschema.Text.With(jsonschema.Matching(`^[^*?\[\\]([^*?\[\\]|$)`))).OrExpression()

var removedKeys = []Key{
	{Name: "from", Type: "address", Doc: "What it was.", Example: "from: sandbox.web", With: "destroy: false", schema: jsonschema.Ref("text")},
	{Name: "destroy", Type: flag.Name, Doc: "false lets it go, and deletes nothing.", Example: "destroy: false", With: "from: sandbox.web", schema: flag.Schema.OrExpression()},
}

// removedSchema is for what is removed: an address, or a mapping.
func removedSchema() jsonschema.Schema {
	released := jsonschema.Schema{
		"properties": jsonschema.Schema{"from": jsonschema.Matching(`^(snapshot|volume)\..|` + sandboxAddress), "destroy": jsonschema.Schema{"anyOf": []jsonschema.Schema{{"const": false}, jsonschema.Ref("expression")}}},
		"required":   []string{"from", "destroy"},
	}
	entry := KeysSchema(removedKeys).With(jsonschema.Schema{"anyOf": []jsonschema.Schema{addresses(`^(snapshot|volume)\..`, "from"), released}})
	entry["type"] = []string{"object", "string"}
	return jsonschema.Typed("array").With(jsonschema.Schema{"items": entry.With(jsonschema.Matching(`^(snapshot|volume)\..`))}).OrExpression()
}

var movedKeys = []Key{
	{
		Name: "from", Type: "address", Doc: "What it was: a sandbox, a group (which stands for all its copies), or a fleet.",
		Example: "from: sandbox.old", With: "to: sandbox.main", schema: jsonschema.Ref("text"),
	},
	{
		Name: "to", Type: "address", Doc: "What it is now. Of a fleet it is left out: it is this one.",
		Example: "to: sandbox.main", With: "from: sandbox.old", schema: jsonschema.Ref("text"),
	},
}

// movedSchema is for what has moved: a sandbox to a sandbox, or a fleet.
func movedSchema() jsonschema.Schema {
	fleet := addresses(`^fleet\.`+strings.TrimPrefix(fleetNamePattern.String(), "^"), "from", "to")
	fleet["required"] = []string{"from"}
	return jsonschema.ListOf(KeysSchema(movedKeys).With(jsonschema.Schema{"anyOf": []jsonschema.Schema{addresses(sandboxAddress, "from", "to"), fleet}}))
}

// sandboxAddress is the form of the address of a sandbox, or of a group.
var sandboxAddress = `^sandbox\.` + strings.TrimPrefix(copyKeyPattern.String(), "^")

// addresses is for mappings in which some keys are addresses of a form.
func addresses(form string, keys ...string) jsonschema.Schema {
	properties := jsonschema.Schema{}
	for _, k := range keys {
		properties[k] = jsonschema.Matching(form)
	}
	return jsonschema.Schema{"properties": properties, "required": keys}
}

// valueFromKeys are those of a text that is given by reference.
var valueFromKeys = []Key{
	{Name: "from_env", Type: "text", Doc: "Environment variable that holds the text.", Example: "from_env: API_TOKEN", schema: jsonschema.Ref("text")},
	{Name: "from_file", Type: "path", Doc: "File that holds the text, relative to the spec. One that sops encrypted is decrypted. Lines end in LF in the text, however the file was checked out; a byte order mark and the last line break are left out.", Example: "from_file: token.txt", schema: jsonschema.Ref("text")},
	{Name: "from_command", Type: "list of words", Doc: "Command that prints the text. It is run only with --allow-commands.", Example: "from_command: [pass, show, token]", schema: words.Schema.OrExpression()},
	{Name: "default", Type: "text", Doc: "With from_env: the text where the variable is not set.", Example: `default: ""`, With: "from_env: API_TOKEN", schema: jsonschema.Ref("text")},
	{Name: "key", Type: "text", Doc: "With from_file: which part of a YAML or JSON file, such as database.password.", Example: "key: api.token", With: "from_file: secrets.yaml", schema: jsonschema.Ref("text")},
}

// ValueFromSchema is for a text that is given by reference.
func ValueFromSchema() jsonschema.Schema {
	var ways []jsonschema.Schema
	for _, k := range decode.ValueSources {
		ways = append(ways, jsonschema.Schema{"required": []string{k}})
	}
	s := KeysSchema(valueFromKeys).With(jsonschema.Schema{"oneOf": ways, "dependentRequired": jsonschema.Schema{"key": []string{"from_file"}, "default": []string{"from_env"}}})
	return jsonschema.WithDescription(s, "A text by reference: it stands elsewhere, and is never printed.")
}
