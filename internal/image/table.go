package image

import (
	"maps"
	"slices"
	"strings"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

const fromDockerfile = "from_dockerfile"

// Bases are the keys of an image's beginning. An image has exactly one of them, or
// from_dockerfile as its first step.
var Bases []Row

// Steps are the steps of an image.
var Steps []Row

func init() { // the decoders refer to the tables
	Bases = []Row{baseRow, debianSlimRow}
	Steps = []Row{
		pipInstallRow, addLocalFileRow, addLocalDirRow, runCommandsRow, envRow, workdirRow, entrypointRow, cmdRow,
	}
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

// pythonSchemaPattern returns the pattern of the known Python versions.
func pythonSchemaPattern() string {
	series := strings.Join(slices.Sorted(maps.Keys(PythonVersions)), "|")
	return "^(" + strings.ReplaceAll(series, ".", `\.`) + `|3\.[0-9]+\.[0-9]+(rc[0-9]+)?)$`
}

var baseRow = Row{
	Name: "base", Type: "registry reference with a tag or digest", Doc: "Image to start from.", Example: "base: python:3.12-slim",
	Schema: jsonschema.Text.With(jsonschema.Matching(`^[^\s]+:[^/\s]+$`)).With(jsonschema.Schema{"not": jsonschema.Schema{"pattern": `^[^@]*:latest$`}}).OrExpression(),
	decode: decodeBase,
}

var debianSlimRow = Row{
	Name: "debian_slim", Type: "Python version, quoted", Doc: "Python to start from, on Debian: a series from 3.9 to 3.13, or a full version.",
	Example: `debian_slim: "3.12"`,
	Schema:  jsonschema.Text.With(jsonschema.Matching(pythonSchemaPattern())).With(jsonschema.Schema{"minimum": 3, "exclusiveMaximum": 4}).OrExpression(),
	decode:  decodeDebianSlim,
}

var runCommandsRow = Row{
	Name: "run_commands", Type: "command, or list of commands; each a line of shell, or a list of words", Doc: "Run commands, one RUN line each.",
	Example: "run_commands: [apt-get update]",
	Schema: jsonschema.Typed("array", "string", "number").With(jsonschema.Schema{"items": jsonschema.Schema{"anyOf": []jsonschema.Schema{
		commandSchema, jsonschema.Ref("reference"), jsonschema.Typed("array").With(jsonschema.Schema{"items": textSchema}),
	}}}).With(jsonschema.Matching(`\S`)),
	decode: decodeRunCommands,
}

// commandSchema is the schema of a line of shell.
var commandSchema = jsonschema.Text.With(jsonschema.Matching(`^\n*[^\n]*\n*$|\\\n`)).With(jsonschema.Matching(`\S`))

var pipOptionKeys = []Key{
	{Name: "find_links", Type: "URL or path, or list of them", Doc: "Places of packages in addition to the index.", Example: "find_links: [https://example.com/wheels]", Schema: listSchema},
	{Name: "index_url", Type: "URL", Doc: "Index of packages.", Example: "index_url: https://pypi.example.com/simple", Schema: oneLineSchema},
	{Name: "extra_index_urls", Type: "URL, or list of URLs", Doc: "Further indexes of packages.", Example: "extra_index_urls: [https://pypi.example.com/simple]", Schema: listSchema},
	{Name: "pre", Type: "true or false", Doc: "Allow versions before a release.", Example: "pre: true", Schema: flagSchema},
	{Name: "extra_options", Type: "text", Doc: "Further options, as on the command line.", Example: "extra_options: --no-deps", Schema: oneLineSchema},
}

var pipInstallKeys = append([]Key{
	{Name: "packages", Type: "package, or list of packages", Doc: "The packages.", Example: "packages: [numpy]", Required: true, Schema: listSchema},
}, pipOptionKeys...)

var pipInstallRow = Row{
	Name: "pip_install", Type: "package, list of packages, or mapping", Doc: "Install Python packages.", Example: "pip_install: [numpy, pandas]",
	Keys: pipInstallKeys, Schema: orKeys(listSchema, pipInstallKeys), decode: decodePipInstall,
}

var envRow = Row{
	Name: "env", Type: "mapping of texts of one line", Doc: "Environment variables of the image.", Example: "env: {PYTHONUNBUFFERED: 1}",
	Schema: envSchema, decode: decodeEnv,
}

var workdirRow = Row{
	Name: "workdir", Type: "path", Doc: "Working directory of the following steps.", Example: "workdir: /work", Schema: oneLineSchema, decode: decodeWorkdir,
}

var entrypointRow = Row{
	Name: "entrypoint", Type: "list of words", Doc: "Command that sandboxes run.", Example: "entrypoint: [sleep, infinity]",
	Schema: wordsSchema, decode: execForm("ENTRYPOINT"),
}

var cmdRow = Row{
	Name: "cmd", Type: "list of words", Doc: "Arguments of the command.", Example: "cmd: [--verbose]", Schema: wordsSchema, decode: execForm("CMD"),
}

var (
	addLocalFileKeys = []Key{
		{Name: "local_path", Type: "path", Doc: "The file, relative to the spec file.", Example: "local_path: app.py", Required: true, Schema: oneLineSchema},
		{Name: "remote_path", Type: "path", Doc: "Path in the image. One that ends in a slash is the directory of the file.", Example: "remote_path: /app/", Required: true, Schema: oneLineSchema},
	}
	addLocalDirKeys = []Key{
		{Name: "local_path", Type: "path", Doc: "The directory, relative to the spec file.", Example: "local_path: src", Required: true, Schema: oneLineSchema},
		{Name: "remote_path", Type: "path", Doc: "Directory in the image that gets its content.", Example: "remote_path: /app/src", Required: true, Schema: oneLineSchema},
	}
)

var addLocalFileRow = Row{
	Name: "add_local_file", Type: "mapping", Doc: "Copy a local file.", Example: "add_local_file: {local_path: app.py, remote_path: /app/}",
	Keys: addLocalFileKeys, Schema: keysSchema(addLocalFileKeys), decode: decodeCopyLocal(FileSource, addLocalFileKeys),
}

var addLocalDirRow = Row{
	Name: "add_local_dir", Type: "mapping", Doc: "Copy the content of a local directory.", Example: "add_local_dir: {local_path: src, remote_path: /app/src}",
	Keys: addLocalDirKeys, Schema: keysSchema(addLocalDirKeys), decode: decodeCopyLocal(DirSource, addLocalDirKeys),
}
