package image

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/diagnostic"
	"fleet/internal/suggest"
)

// A pyproject is the part of a pyproject.toml that names packages.
type pyproject struct {
	Project *struct {
		Dependencies []string            `toml:"dependencies"`
		Optional     map[string][]string `toml:"optional-dependencies"`
		Dynamic      []string            `toml:"dynamic"`
	} `toml:"project"`
	Groups map[string]any `toml:"dependency-groups"`
}

// decodePyproject reads the path of a pyproject.toml, or a mapping of it, groups and
// options. The file is not copied: its packages become words of the command.
func decodePyproject(r reader, n *yaml.Node, path string) part {
	var p pipInstall
	var groups *yaml.Node
	where := path
	if r.isMapping(n) {
		keys := r.mapping(n, path, pyprojectKeys)
		p.options = r.pipOptions(keys, path)
		groups = keys["groups"]
		if n = keys["pyproject_toml"]; n == nil {
			return p
		}
		where = at(path, "pyproject_toml")
	}
	before := r.ErrorCount()
	name := r.localPath(n, where).name
	if r.ErrorCount() > before || name == "" {
		return p
	}
	text, file, err := r.LocalFile(name)
	if err != nil {
		r.Errorf(n, where, "the file cannot be read: %s", decode.ReadErrorText(err)).Hint = "paths are relative to the spec file"
		return p
	}
	var doc pyproject
	if err := toml.Unmarshal(text, &doc); err != nil {
		r.reportTOML(err, file, where)
		return p
	}
	if !r.checkPyproject(doc, n, where, file) {
		return p
	}
	p.packages = doc.Project.Dependencies
	if groups != nil {
		p.packages = append(slices.Clone(p.packages), r.groups(doc, groups, at(path, "groups"))...)
	}
	r.checkPackages(p.packages, n, where, file)
	return p
}

// reportTOML reports a mistake in a TOML file at its place.
func (r reader) reportTOML(err error, file, path string) {
	pos := diagnostic.Position{File: file, Line: 1, Column: 1}
	if wrong := (*toml.DecodeError)(nil); errors.As(err, &wrong) {
		pos.Line, pos.Column = wrong.Position()
	}
	reason := strings.TrimPrefix(err.Error(), "toml: ")
	if strings.Contains(reason, "struct field") { // it names a type of Go
		reason = "dependencies and each group are lists of texts"
	}
	m := r.ErrorfAt(pos, path, "the file is not a valid pyproject.toml: %s", reason)
	m.Line = "" // the file may be any file of the machine, so its text is not shown
}

// checkPyproject reports a file that does not list its dependencies.
func (r reader) checkPyproject(doc pyproject, n *yaml.Node, path, file string) bool {
	switch {
	case doc.Project == nil:
		r.Errorf(n, path, "%s has no table [project], which lists the dependencies", file)
	case slices.Contains(doc.Project.Dynamic, "dependencies"):
		r.Errorf(n, path, "the dependencies of %s are dynamic: only a build of the project knows them", file).Hint = "list them under [project], or write a requirements file"
	case doc.Project.Dependencies == nil:
		r.Errorf(n, path, "%s has no dependencies under [project]", file).Hint = "write dependencies = [] if there are none"
	default:
		return true
	}
	return false
}

// groups returns the packages of the groups that a step names.
func (r reader) groups(doc pyproject, n *yaml.Node, path string) []string {
	var packages []string
	known := slices.Sorted(maps.Keys(doc.Project.Optional))
	for _, item := range r.items(n, path) {
		name, ok := r.Text(item.node, item.path)
		list, found := doc.Project.Optional[name]
		if !ok || found {
			packages = append(packages, list...)
			continue
		}
		message := "there is no group %q in [project.optional-dependencies]"
		if len(known) > 0 {
			message += "; it has " + strings.Join(known, ", ")
		}
		m := r.RejectText(item.node, item.path, name, fmt.Sprintf(message, name))
		m.Hint = suggest.DidYouMean(name, known)
		if _, other := doc.Groups[name]; other {
			m.Hint = "it is in [dependency-groups], which lists what developers need; move it to [project.optional-dependencies]"
		} else if slices.Contains(doc.Project.Dynamic, "optional-dependencies") {
			m.Hint = "the groups of the file are dynamic: list them under [project.optional-dependencies]"
		}
	}
	return packages
}

// checkPackages reports packages that cannot be words of a command.
func (r reader) checkPackages(packages []string, n *yaml.Node, path, file string) {
	for _, p := range packages {
		if strings.TrimSpace(p) == "" || strings.ContainsAny(p, "\n\x00") {
			r.Errorf(n, path, "a dependency of %s is empty or has a line break", file)
		}
	}
}
