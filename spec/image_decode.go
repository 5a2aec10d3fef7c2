package spec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/imageref"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

var pythonVersionPattern = regexp.MustCompile(`^3\.[0-9]+(\.[0-9]+(rc[0-9]+)?)?$`)

// baseImage is the registry reference that an image starts from.
var baseImage = Type{
	Name:   "registry reference with a tag or digest",
	Schema: jsonschema.Text.With(jsonschema.Matching(`^[^\s]+:[^/\s]+$`)).With(jsonschema.NotMatching(latestTagPattern)),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		if !ok {
			return nil, false
		}
		wrong := imageref.Check(s, "")
		if wrong.Message != "" {
			d.RejectText(n, path, s, wrong.Message).Hint = wrong.Hint
		}
		return s, wrong.Message == ""
	},
}

// pythonVersion is a version of Python that has an image on Debian.
var pythonVersion = Type{
	Name:   "Python version, quoted",
	Schema: jsonschema.Text.With(jsonschema.Matching(pythonSchemaPattern())).With(jsonschema.Schema{"minimum": 3, "exclusiveMaximum": 4}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		if !ok {
			return nil, false
		}
		if _, known := pythonVersions[s]; !known && (!pythonVersionPattern.MatchString(s) || strings.Count(s, ".") < 2) {
			d.RejectText(n, path, s, fmt.Sprintf("%q is not a supported Python version; write a series from 3.9 to 3.13, or a full version such as 3.12.4", s))
			return nil, false
		}
		return s, true
	},
}

// imageSteps are the lines that steps append to a Dockerfile.
var imageSteps = Type{
	Name:   "list of mappings of one key each",
	Keys:   stepKeys,
	Schema: jsonschema.ListOf(KeysSchema(stepKeys).With(jsonschema.Schema{"minProperties": 1, "maxProperties": 1})),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.imageSteps(n, path), true },
	join:   func(base, over any) any { return base.(string) + over.(string) },
}

// imageStepRenderers are the functions that return the Dockerfile lines of a step.
var imageStepRenderers = map[string]func(d *decoder, n *yaml.Node, path string) string{
	"run_commands": runCommands,
	"pip_install": func(d *decoder, n *yaml.Node, path string) string {
		if n = d.Resolve(n); n.Kind == yaml.ScalarNode {
			return pipInstall([]string{d.oneLine(n, path)})
		}
		items, _ := d.Sequence(n, path)
		var list []string
		for i, item := range items {
			list = append(list, d.oneLine(item, fmt.Sprintf("%s[%d]", path, i)))
		}
		return pipInstall(list)
	},
	"env": func(d *decoder, n *yaml.Node, path string) string {
		var b strings.Builder
		entries, _ := d.Entries(n, path)
		for _, e := range entries {
			if !decode.EnvNamePattern.MatchString(e.Name) {
				d.Errorf(e.Key, path, "%q is not the name of an environment variable", e.Name)
			}
			s, _ := d.Text(e.Value, yamldoc.Join(path, e.Name))
			if strings.Contains(s, "\n") {
				d.Errorf(e.Value, yamldoc.Join(path, e.Name), "must be one line")
			}
			b.WriteString("ENV " + e.Name + "=" + shellQuote(s) + "\n")
		}
		return b.String()
	},
	"workdir": func(d *decoder, n *yaml.Node, path string) string {
		return "WORKDIR " + shellQuote(d.oneLine(n, path)) + "\n"
	},
	"entrypoint": func(d *decoder, n *yaml.Node, path string) string {
		list, _ := d.Texts(n, path)
		return execForm("ENTRYPOINT", list)
	},
	"cmd": func(d *decoder, n *yaml.Node, path string) string {
		list, _ := d.Texts(n, path)
		return execForm("CMD", list)
	},
}

// oneLine reads a text that is not blank and has no line breaks.
func (d *decoder) oneLine(n *yaml.Node, path string) string {
	s, ok := d.Text(n, path)
	switch {
	case ok && strings.TrimSpace(s) == "":
		d.Errorf(n, path, "must not be empty")
	case strings.Contains(s, "\n"):
		d.Errorf(n, path, "must be one line")
	}
	return s
}

// imageSteps returns the Dockerfile lines of a list of steps.
func (d *decoder) imageSteps(n *yaml.Node, path string) string {
	var b strings.Builder
	known := slices.Sorted(maps.Keys(imageStepRenderers))
	items, _ := d.Sequence(n, path)
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		entries, ok := d.Entries(item, at)
		if ok && len(entries) != 1 {
			d.Errorf(item, at, "a step must be a mapping with exactly one key: one of %s", strings.Join(known, ", ")).Hint = "start each step with a hyphen"
			continue
		}
		for _, e := range entries {
			step := imageStepRenderers[e.Name]
			if step == nil {
				d.Errorf(e.Key, yamldoc.Join(at, e.Name), "unknown step; known steps are %s", strings.Join(known, ", ")).Hint = suggest.DidYouMean(e.Name, known)
				continue
			}
			b.WriteString(step(d, e.Value, yamldoc.Join(at, e.Name)))
		}
	}
	return b.String()
}
