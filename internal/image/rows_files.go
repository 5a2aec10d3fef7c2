package image

import "fleet/internal/jsonschema"

const (
	othersOfLocal  = "from source src local path file"
	othersOfRemote = "to dest destination target remote"
)

var (
	addLocalFileKeys = []Key{
		{Name: "local_path", Type: "path", Doc: "The file, relative to the spec file.", Example: "local_path: app.py", Required: true, Schema: oneLineSchema, others: othersOfLocal},
		{Name: "remote_path", Type: "path", Doc: "Path in the image. One that ends in a slash is the directory of the file.", Example: "remote_path: /app/", Required: true, Schema: oneLineSchema, others: othersOfRemote},
	}
	addLocalDirKeys = []Key{
		{Name: "local_path", Type: "path", Doc: "The directory, relative to the spec file.", Example: "local_path: src", Required: true, Schema: oneLineSchema, others: othersOfLocal},
		{Name: "remote_path", Type: "path", Doc: "Directory in the image that gets its content.", Example: "remote_path: /app/src", Required: true, Schema: oneLineSchema, others: othersOfRemote},
	}
	copyKeys = []Key{
		{Name: "from", Type: "stage, or registry reference", Doc: "Stage or image to copy from. Without it, local files are copied.", Example: "from: golang:1.26", Schema: oneLineSchema, others: "image stage"},
		{Name: "sources", Type: "path, or list of paths", Doc: "Paths to copy, with the wildcards of Docker. Local ones are relative to the spec file and below its directory.", Example: "sources: [/usr/local/go]", Required: true, Schema: listSchema, others: "source src path paths local_path"},
		{Name: "to", Type: "path", Doc: "Path in the image. It ends in a slash if there are several sources.", Example: "to: /usr/local/go", Required: true, Schema: oneLineSchema, others: "dest destination target remote_path"},
		{Name: "chown", Type: "user, or user and group", Doc: "Owner of the files in the image.", Example: "chown: app:app", Schema: oneLineSchema, others: "owner user"},
		{Name: "chmod", Type: "mode, quoted", Doc: "Mode of the files in the image.", Example: `chmod: "0755"`, Schema: oneLineSchema, others: "mode"},
	}
	commandsKeys = []Key{
		{Name: "commands", Type: "text, or list of texts", Doc: "Lines of a Dockerfile.", Example: "commands: [COPY src /app]", Required: true, Schema: commandsSchema, others: "dockerfile_commands lines"},
		{Name: "context_dir", Type: "path", Doc: "Directory of the local files that the lines copy, relative to the spec file. The default is the directory of the spec file.", Example: "context_dir: app", Schema: oneLineSchema, others: "context dir"},
	}
	commandsSchema = jsonschema.Typed("array", "string").With(jsonschema.Schema{"items": textSchema})
)

var addLocalFileRow = Row{
	Name: "add_local_file", Type: "mapping", Doc: "Copy a local file.", Example: "add_local_file: {local_path: app.py, remote_path: /app/}",
	Keys: addLocalFileKeys, Schema: keysSchema(addLocalFileKeys), decode: decodeCopyLocal(FileSource, addLocalFileKeys),
}

var addLocalDirRow = Row{
	Name: "add_local_dir", Type: "mapping", Doc: "Copy the content of a local directory.", Example: "add_local_dir: {local_path: src, remote_path: /app/src}",
	Keys: addLocalDirKeys, Schema: keysSchema(addLocalDirKeys), decode: decodeCopyLocal(DirSource, addLocalDirKeys),
}

var copyRow = Row{
	Name: "copy", Type: "mapping", Doc: "Copy files of another stage or image, or local files.", Example: "copy: {from: golang:1.26, sources: [/usr/local/go], to: /usr/local/go}",
	Keys: copyKeys, Schema: keysSchema(copyKeys), decode: decodeCopy,
}

var dockerfileCommandsRow = Row{
	Name: "dockerfile_commands", Type: "text, list of texts, or mapping", Doc: "Append lines of a Dockerfile.", Example: "dockerfile_commands: [COPY src /app]",
	Keys: commandsKeys, Schema: orKeys(commandsSchema, commandsKeys), decode: decodeCommands,
}
