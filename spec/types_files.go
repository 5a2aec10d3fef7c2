package spec

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/buildcontext"
	"fleet/internal/decode"
	"fleet/internal/expr"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// Files are the local files and directories to upload to a sandbox, by their paths there.
type Files map[string]LocalFile

// A LocalFile is a file or directory to upload. The zero LocalFile removes the entry of a
// lower layer.
type LocalFile struct {
	Source string      // path as in the spec, relative to its file
	Mode   fs.FileMode // of the uploaded files; 0 if the spec sets none

	// Content is what the source holds: the path of each file in it is below
	// [contentRoot]. It is zero if the spec was read without [Options.Hasher].
	Content buildcontext.Manifest

	dir string   // directory of the file of the spec
	pos Position // of the source
	at  string   // its path in the spec
}

// contentRoot is the path in a manifest of the file or directory that is uploaded.
const contentRoot = "content"

// An Upload is one file to upload to a sandbox.
type Upload struct {
	Path   string      // in the sandbox
	Mode   fs.FileMode // to set; 0 leaves the one that the server chooses
	Size   int64       // bytes
	Digest [32]byte    // SHA-256 of the content
}

// Uploads returns the files to upload, sorted by path.
func (files Files) Uploads() []Upload {
	var list []Upload
	for at, f := range files {
		for _, c := range f.Content.Files {
			list = append(list, Upload{Path: f.target(at, c.Path), Mode: f.mode(c), Size: c.Size, Digest: c.Digest})
		}
	}
	slices.SortFunc(list, func(a, b Upload) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// target returns the path in the sandbox of a file of the content.
func (f LocalFile) target(at, inContent string) string {
	return at + strings.TrimPrefix(inContent, contentRoot)
}

// mode returns the mode to set for a file of the content: that of the spec, or 0755 if the
// local file is executable.
func (f LocalFile) mode(c buildcontext.File) fs.FileMode {
	if f.Mode == 0 && c.Mode&0o100 != 0 {
		return 0o755
	}
	return f.Mode
}

// Each calls send for each source that has files, in the order of the paths in the
// sandbox. target returns the upload of a path in the content. It stops at an error.
func (files Files) Each(send func(m buildcontext.Manifest, target func(inContent string) string) error) error {
	for _, at := range slices.Sorted(maps.Keys(files)) {
		f := files[at]
		if len(f.Content.Files) == 0 {
			continue
		}
		if err := send(f.Content, func(inContent string) string { return f.target(at, inContent) }); err != nil {
			return err
		}
	}
	return nil
}

// MarshalJSON returns the paths, modes and digests of the files that are uploaded, and not
// where they come from, unless their content is not known.
func (files Files) MarshalJSON() ([]byte, error) { return json.Marshal(files.rows()) }

func (files Files) rows() [][]string {
	rows := [][]string{}
	for _, u := range files.Uploads() {
		rows = append(rows, []string{u.Path, fmt.Sprintf("%o", u.Mode), fmt.Sprintf("%x", u.Digest)})
	}
	for _, at := range slices.Sorted(maps.Keys(files)) {
		if f := files[at]; f.Content.Hash == "" {
			rows = append(rows, []string{at, fmt.Sprintf("%o", f.Mode), f.Source})
		}
	}
	return rows
}

// GoString returns what is uploaded, as MarshalJSON does.
func (files Files) GoString() string { return fmt.Sprint(files.rows()) }

// Equal reports whether both upload the same.
func (files Files) Equal(other Files) bool {
	return slices.EqualFunc(files.rows(), other.rows(), slices.Equal[[]string])
}

// localFiles are the local files to upload to a sandbox.
var localFiles = Type{
	Name: "mapping of paths in the sandbox to local files",
	zero: Files(nil),
	Keys: fileKeys,
	Schema: jsonschema.Typed("object").With(jsonschema.Schema{
		"propertyNames": jsonschema.Matching(`^/[^\n]*[^/\n]$`),
		"additionalProperties": jsonschema.Typed("string", "object", "null").With(jsonschema.Schema{
			"properties": KeysSchema(fileKeys)["properties"], "additionalProperties": false, "required": []string{"source"},
		}),
	}),
	decode: decodeFiles,
	merge:  mergeFiles,
	encode: func(v any) any {
		entries := map[string]any{}
		for at, f := range v.(Files) {
			entries[at] = f.entry()
		}
		return entries
	},
	format: func(v any) string {
		var parts []string
		for _, at := range slices.Sorted(maps.Keys(v.(Files))) {
			f := v.(Files)[at]
			part := at
			if n := len(f.Content.Files); n > 1 {
				part += fmt.Sprintf(" (%d files)", n)
			}
			parts = append(parts, part)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	},
	yaml: func(v any) any {
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, at := range slices.Sorted(maps.Keys(v.(Files))) {
			yamldoc.Put(n, at, v.(Files)[at].node())
		}
		return n
	},
}

// entry returns the value of the entry in a spec, for JSON.
func (f LocalFile) entry() any {
	if f.Mode == 0 {
		return f.Source
	}
	return map[string]string{"source": f.Source, "mode": fmt.Sprintf("%04o", f.Mode)}
}

func (f LocalFile) node() *yaml.Node {
	if f.Mode == 0 {
		return yamldoc.NodeOf(f.Source)
	}
	return yamldoc.FlowMapping("source", f.Source, "mode", fmt.Sprintf("%04o", f.Mode))
}

var fileKeys = []Key{
	{Name: "source", Type: "path", Doc: "Local file or directory, relative to the file of the spec.", Example: "source: config/app.toml", schema: jsonschema.Ref("text")},
	{Name: "mode", Type: "text", Doc: "Permissions of the uploaded files, in octal. Without it, a local file that is executable gets 0755, and others have those that the server chooses.", Example: `mode: "0644"`, With: "source: config/app.toml", schema: jsonschema.Typed("string", "integer").OrExpression()},
}

func decodeFiles(d *decoder, n *yaml.Node, at string) (any, bool) {
	entries, ok := d.Entries(n, at)
	files := make(Files, len(entries))
	for _, e := range entries {
		where := yamldoc.Join(at, e.Name)
		if wrong := sandboxPathProblem(e.Name); wrong != "" {
			d.Errorf(e.Key, where, "%s", wrong)
			ok = false
			continue
		}
		f, good := d.localFile(e.Value, where)
		files[e.Name] = f
		ok = ok && good
	}
	return files, ok
}

// sandboxPathProblem returns why a file cannot be uploaded to a path, or "".
func sandboxPathProblem(p string) string {
	switch {
	case !strings.HasPrefix(p, "/") || strings.Trim(p, "/") == "":
		return fmt.Sprintf("%q must be an absolute path in the sandbox, below /", p)
	case strings.HasSuffix(p, "/"):
		return fmt.Sprintf("%q must not end with /; a directory has its own path, without it", p)
	case dotSegmentPattern.MatchString(p):
		return fmt.Sprintf("%q must not contain the parts //, . and ..", p)
	case strings.Contains(p, expr.Open):
		return fmt.Sprintf("%q must not contain %s: keys cannot contain expressions", p, expr.Open)
	case len(p) > maxSandboxPath:
		return fmt.Sprintf("the path must have at most %d bytes", maxSandboxPath)
	case strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "the path must not contain control characters"
	}
	return ""
}

// maxSandboxPath is the longest path of Linux, in bytes.
const maxSandboxPath = 4095

// localFile reads a source, or a mapping of it and the mode. Null removes an entry.
func (d *decoder) localFile(n *yaml.Node, at string) (f LocalFile, ok bool) {
	resolved := d.Resolve(n)
	switch {
	case yamldoc.IsNull(resolved):
		return f, true
	case resolved.Kind != yaml.MappingNode || decode.IsValueFrom(resolved):
		ok = d.fileSource(n, at, &f)
		return f, ok
	}
	entries, ok := d.Entries(resolved, at)
	keys := names(fileKeys)
	for _, e := range entries {
		where := yamldoc.Join(at, e.Name)
		switch e.Name {
		case "source":
			ok = d.fileSource(e.Value, where, &f) && ok
		case "mode":
			ok = d.fileMode(e.Value, where, &f) && ok
		default:
			d.Errorf(e.Key, where, "unknown key; a file has %s", strings.Join(keys, ", ")).Hint = suggest.DidYouMean(e.Name, keys)
			ok = false
		}
	}
	if ok && f.Source == "" {
		d.Errorf(n, at, "a file needs source")
		ok = false
	}
	return f, ok
}

func (d *decoder) fileSource(n *yaml.Node, at string, f *LocalFile) bool {
	s, ok := d.Text(n, at)
	if wrong := notEmpty.Problem(s); ok && wrong != "" {
		d.Errorf(n, at, "%s", wrong)
		return false
	}
	f.Source, f.dir, f.pos, f.at = s, d.Relative("."), d.Position(n), at
	return ok
}

// modePattern matches permissions with which the owner can read the file.
var modePattern = regexp.MustCompile(`^0?(?:0|o)?[4-7][0-7]{2}$`)

func (d *decoder) fileMode(n *yaml.Node, at string, f *LocalFile) bool {
	s, ok := d.Text(n, at)
	if !ok {
		return false
	}
	if !modePattern.MatchString(s) {
		d.RejectText(n, at, s, fmt.Sprintf(`%q is not a mode; write three octal digits after 0, such as "0644", that let the owner read the file`, s))
		return false
	}
	mode, _ := strconv.ParseUint(s[len(s)-3:], 8, 32) // the pattern matches
	f.Mode = fs.FileMode(mode)
	return true
}

// mergeFiles returns base with the entries of over, without those that over sets to null.
func mergeFiles(base, over any) any {
	merged := maps.Clone(base.(Files))
	maps.Copy(merged, over.(Files))
	return merged
}
