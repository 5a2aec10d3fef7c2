package image

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/diagnostic"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
)

// A Row describes one kind of base or step: how a spec writes it and what it renders.
type Row struct {
	Name    string
	Type    string // of the value, for people
	Doc     string // one sentence
	Example string // YAML of the key with a value
	Keys    []Key  // of the form as a mapping, if there is one
	Schema  jsonschema.Schema

	decode func(r reader, n *yaml.Node, path string) part
}

// A Key describes a key of the mapping that a step may have as its value.
type Key struct {
	Name, Type, Doc, Example string
	Required                 bool
	Schema                   jsonschema.Schema

	others string // names that people write instead, for hints
}

// A reader decodes the steps of one file.
type reader struct {
	*decode.Decoder
}

// Names returns the names of rows, in order.
func Names(rows []Row) []string {
	list := make([]string, len(rows))
	for i, r := range rows {
		list[i] = r.Name
	}
	return list
}

// joinNames returns the names of rows for an error message.
func joinNames(rows []Row) string {
	list := Names(rows)
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// find returns the row of a name, or nil.
func find(rows []Row, name string) *Row {
	if i := slices.IndexFunc(rows, func(r Row) bool { return r.Name == name }); i >= 0 {
		return &rows[i]
	}
	return nil
}

// DecodeSteps reads the list of steps of an image. It returns false if it reported an
// error.
func DecodeSteps(d *decode.Decoder, n *yaml.Node, path string) ([]Step, bool) {
	before := d.ErrorCount()
	var steps []Step
	items, _ := d.Sequence(n, path)
	known := slices.Sorted(slices.Values(Names(Steps)))
	for i, item := range items {
		where := fmt.Sprintf("%s[%d]", path, i)
		entries, ok := d.Entries(item, where)
		if ok && len(entries) != 1 {
			d.Errorf(item, where, "a step must be a mapping with exactly one key: one of %s", strings.Join(known, ", ")).Hint = "start each step with a hyphen"
			continue
		}
		for _, e := range entries {
			row := find(Steps, e.Name)
			if row == nil {
				d.Errorf(e.Key, at(where, e.Name), "unknown step; known steps are %s", strings.Join(known, ", ")).Hint = stepHint(e.Name, known)
				continue
			}
			s := Step{Name: row.Name, Pos: d.Position(e.Key), Path: at(where, e.Name), root: d.Relative(".")}
			s.part = row.decode(reader{d}, e.Value, s.Path)
			steps = append(steps, s)
		}
	}
	return steps, d.ErrorCount() == before
}

// DecodeBase reads the value of a row of [Bases]. It returns false if it reported an
// error.
func DecodeBase(d *decode.Decoder, name string, n *yaml.Node, path string) (Base, bool) {
	before := d.ErrorCount()
	row := find(Bases, name)
	b := row.decode(reader{d}, n, path).(basePart).base
	b.Name, b.Pos, b.Path = name, d.Position(n), path
	return b, d.ErrorCount() == before
}

// Report reports the problems of a definition.
func Report(d *decode.Decoder, problems []Problem) {
	for _, p := range problems {
		var m *diagnostic.Diagnostic
		if p.Rule != "" {
			m = d.WarnfAt(p.Rule, p.Pos, p.Path, "%s", p.Message)
		} else {
			m = d.ErrorfAt(p.Pos, p.Path, "%s", p.Message)
		}
		m.Hint = p.Hint
	}
}

// stepHint returns a hint for the name of an unknown step, or "".
func stepHint(name string, known []string) string {
	if hint, ok := foreignSteps[strings.ToLower(name)]; ok {
		return hint
	}
	return suggest.DidYouMean(name, known)
}

// foreignSteps are hints for the names that other tools use.
var foreignSteps = func() map[string]string {
	hints := map[string]string{
		"base": "base is a key of the image, not a step", "debian_slim": "debian_slim is a key of the image, not a step",
		"dockerfile": "dockerfile is a key of the image, not a step",
		"from":       "write base as a key of the image", "from_image": "write base as a key of the image", "from_registry": "write base as a key of the image",
		"volume":     "Daytona ignores VOLUME; declare volumes of the sandbox",
		"add_python": "write debian_slim as a key of the image",
	}
	for name, others := range map[string]string{
		"copy":                          "copy_from",
		"run_commands":                  "shell run run_cmd run_command exec script command commands",
		"pip_install":                   "pip python_packages packages_pip pip_packages pip_install_packages",
		"apt_install":                   "apt apt_get apt_get_install system_packages packages",
		"npm_install":                   "npm npm_packages yarn pnpm",
		"uv":                            "uv_pip_install uv_pip uv_sync uv_install",
		"env":                           "envs env_vars environment set_envs",
		"workdir":                       "cwd work_dir working_dir working_directory set_workdir",
		"user":                          "os_user set_user",
		"cmd":                           "start_cmd set_start_cmd",
		"add_local_file":                "copy_local_file local_file file add add_file",
		"add_local_dir":                 "copy_local_dir local_dir add_dir copy_dir mount_local_dir add_directory",
		"pip_install_from_pyproject":    "pyproject poetry poetry_install_from_file",
		"label":                         "labels",
		"arg":                           "args build_args",
		"expose":                        "ports port",
		"dockerfile_commands":           "instructions raw commands_dockerfile",
		"pip_install_from_requirements": "requirements requirements_txt",
	} {
		for _, other := range strings.Fields(others) {
			hints[other] = suggest.DidYouMean(name, []string{name})
		}
	}
	return hints
}()
