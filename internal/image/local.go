package image

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
)

// localPath reads the path of a local file, relative to the file that contains the step.
func (r reader) localPath(n *yaml.Node, where string) localPath {
	before := r.ErrorCount()
	s := r.oneLine(n, where)
	if r.ErrorCount() > before {
		return localPath{}
	}
	if i := strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }); i >= 0 {
		r.RejectText(n, where, s, "the path holds a control character")
	}
	expanded := filepath.ToSlash(expandHome(s))
	return localPath{root: r.Relative("."), name: expanded, pos: r.Position(n)}
}

// expandHome replaces a leading ~ by the home directory, as the SDK does. The path
// remains as it is if the directory is unknown.
func expandHome(p string) string {
	rest, found := strings.CutPrefix(p, "~")
	if !found || rest != "" && !os.IsPathSeparator(rest[0]) {
		return p
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return p
	}
	return strings.TrimRight(home, string(filepath.Separator)) + rest
}

// copyLocal copies a file or a directory into the image.
type copyLocal struct {
	from localPath
	to   string
	kind SourceKind
}

func (c copyLocal) render(w *writer) {
	w.line("COPY", copyWords(literalPattern(w.local(c.from, c.kind)), expandable(c.to)))
}

// localRow returns the decoder of a step that copies a local file or directory.
func decodeCopyLocal(kind SourceKind, keys []Key) func(reader, *yaml.Node, string) part {
	return func(r reader, n *yaml.Node, where string) part {
		values := r.mapping(n, where, keys)
		from, to := values["local_path"], values["remote_path"]
		if from == nil || to == nil {
			return lines(nil)
		}
		c := copyLocal{kind: kind, from: r.localPath(from, at(where, "local_path")), to: r.remotePath(to, at(where, "remote_path"))}
		if kind == FileSource && strings.HasSuffix(c.to, "/") {
			c.to += path.Base(c.from.name)
		}
		return c
	}
}

// remotePath reads a path in the image, which is literal.
func (r reader) remotePath(n *yaml.Node, where string) string {
	s := r.oneLine(n, where)
	if strings.ContainsRune(s, '$') {
		r.Errorf(n, where, "a path of a step is literal: variables of the image are not expanded in it").Hint = "write the path out, or use dockerfile_commands"
	}
	return s
}

// archive returns the path in the build context: normalized as in the Python SDK, without
// the parts that lead out of the context, and other than the files that control a build.
func (p localPath) archive() string {
	clean := strings.TrimPrefix(path.Clean(p.name), filepath.VolumeName(p.name))
	clean = strings.TrimLeft(clean, "/")
	for strings.HasPrefix(clean, "../") {
		clean = strings.TrimPrefix(clean, "../")
	}
	switch clean {
	case "..", "":
		return "."
	case "Dockerfile", ".dockerignore", "Dockerfile.dockerignore": // the build would read it
		return "local/" + clean
	}
	return clean
}

// A localPath is a path as a step names it.
type localPath struct {
	root string // directory of the file that contains the step
	name string // slash-separated, with ~ expanded
	pos  diagnostic.Position
}
