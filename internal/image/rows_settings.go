package image

import "fleet/internal/jsonschema"

var runCommandsRow = Row{
	Name: "run_commands", Type: "command, or list of commands; each a line of shell, or a list of words", Doc: "Run commands, one RUN line each.",
	Example: "run_commands: [apt-get update]",
	Schema: jsonschema.Typed("array", "string", "number").With(jsonschema.Schema{"items": jsonschema.Schema{"anyOf": []jsonschema.Schema{
		commandSchema, jsonschema.Ref("reference"), jsonschema.Typed("array").With(jsonschema.Schema{"items": textSchema}),
	}}}).With(jsonschema.Matching(`\S`)),
	decode: decodeRunCommands,
}

// commandSchema is the schema of a line of shell.
var commandSchema = jsonschema.Text.With(jsonschema.Matching(`^\n*[^\n]*\n*$|\\\n|<<`)).With(jsonschema.Matching(`\S`))

var envRow = Row{
	Name: "env", Type: "mapping of texts of one line", Doc: "Environment variables of the image.", Example: "env: {PYTHONUNBUFFERED: 1}",
	Schema: envSchema, decode: decodeEnv,
}

var argRow = Row{
	Name: "arg", Type: "mapping of names to defaults, or list of names", Doc: "Declare build arguments of the following steps. The args of the image set their values.", Example: "arg: {VERSION: \"1.2\"}",
	Schema: jsonschema.Typed("object", "array", "string"), decode: decodeArg,
}

var labelRow = Row{
	Name: "label", Type: "mapping of texts of one line", Doc: "Labels of the image.", Example: "label: {org.opencontainers.image.source: https://example.com}",
	Schema: jsonschema.MapOf(labelKeyPattern.String(), jsonschema.Text.With(jsonschema.Matching(`^[^\n]*$`)).OrExpression()).OrExpression(), decode: decodeLabel,
}

var workdirRow = Row{
	Name: "workdir", Type: "path", Doc: "Working directory of the following steps.", Example: "workdir: /work", Schema: oneLineSchema, decode: decodeWorkdir,
}

var userRow = Row{
	Name: "user", Type: "user, or user and group", Doc: "User of the following steps and of the image.", Example: "user: app:app", Schema: oneLineSchema, decode: decodeUser,
}

var exposeRow = Row{
	Name: "expose", Type: "port, or list of ports", Doc: "Ports that the image documents. Previews of Daytona need none.", Example: "expose: [8080, 53/udp]",
	Schema: listSchema, decode: decodeExpose,
}

var entrypointRow = Row{
	Name: "entrypoint", Type: "list of words", Doc: "Command that sandboxes run.", Example: "entrypoint: [sleep, infinity]",
	Schema: wordsSchema, decode: execForm("ENTRYPOINT"),
}

var cmdRow = Row{
	Name: "cmd", Type: "list of words", Doc: "Arguments of the command.", Example: "cmd: [--verbose]", Schema: wordsSchema, decode: execForm("CMD"),
}
