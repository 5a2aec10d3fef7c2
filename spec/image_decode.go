package spec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// imageBases are the keys of an image's base. An image has exactly one of them.
var imageBases = []string{"base", "debian_slim", "dockerfile"}

// An imageDefinition is an image of the spec.
type imageDefinition struct {
	pos        Position
	dockerfile string
	sensitive  bool          // the Dockerfile contains a sensitive value
	missing    []*Diagnostic // variables that it depends on and that are not set
}

var pythonVersionPattern = regexp.MustCompile(`^3\.[0-9]+(\.[0-9]+(rc[0-9]+)?)?$`)

// image reads one entry of the images section and renders its Dockerfile.
func (d *decoder) image(e entry, path string) (def imageDefinition) {
	def.pos = d.position(e.key)
	d.secret, d.tainted, d.fromSensitiveVar = false, false, false
	defer func() {
		if def.sensitive = d.tainted; d.fromSensitiveVar {
			d.warnExposedSecret(def.pos, path)
		}
		d.secret, d.tainted = false, false
	}()
	entries, ok := d.entries(e.value, path)
	if !ok {
		return def
	}
	var starts []string
	var steps *yaml.Node
	for _, e := range entries {
		at := join(path, e.name)
		switch e.name {
		case "base", "debian_slim", "dockerfile":
			starts = append(starts, e.name)
			def.dockerfile = d.imageBase(e, at)
		case "steps":
			steps = e.value
		default:
			d.errorf(e.key, at, "unknown key; an image has %s", strings.Join(names(imageKeys), ", ")).Hint = DidYouMean(e.name, names(imageKeys))
		}
	}
	if len(starts) != 1 {
		m := d.errorf(e.key, path, "an image needs exactly one of base, debian_slim and dockerfile")
		if len(starts) > 1 {
			m.Message += fmt.Sprintf(", not from %s", strings.Join(starts, " and "))
		}
	}
	if steps != nil {
		d.checkContinuation(entries, path, def.dockerfile)
		def.dockerfile += d.imageSteps(steps, path+".steps")
	}
	return def
}

// imageBase returns the start of a Dockerfile.
func (d *decoder) imageBase(e entry, path string) string {
	s, ok := d.text(e.value, path)
	if !ok {
		return ""
	}
	switch e.name {
	case "base":
		if wrong := referenceProblem(s, ""); wrong.message != "" {
			d.rejectText(e.value, path, s, wrong.message).Hint = wrong.hint
		}
		return "FROM " + s + "\n"
	case "debian_slim":
		if _, known := pythonVersions[s]; !known && (!pythonVersionPattern.MatchString(s) || strings.Count(s, ".") < 2) {
			d.rejectText(e.value, path, s, fmt.Sprintf("%q is not a supported Python version; write a series from 3.9 to 3.13, or a full version such as 3.12.4", s))
		}
		return debianSlim(s)
	}
	if strings.TrimSpace(s) == "" {
		d.errorf(e.value, path, "the Dockerfile is empty")
	}
	d.checkBaseImages(e.value, path, s)
	return strings.TrimRight(s, "\n") + "\n"
}

// imageStepRenderers are the functions that return the Dockerfile lines of a step.
var imageStepRenderers = map[string]func(d *decoder, n *yaml.Node, path string) string{
	"run_commands": runCommands,
	"pip_install": func(d *decoder, n *yaml.Node, path string) string {
		if n = d.resolve(n); n.Kind == yaml.ScalarNode {
			return pipInstall([]string{d.oneLine(n, path)})
		}
		items, _ := d.sequence(n, path)
		var list []string
		for i, item := range items {
			list = append(list, d.oneLine(item, fmt.Sprintf("%s[%d]", path, i)))
		}
		return pipInstall(list)
	},
	"env": func(d *decoder, n *yaml.Node, path string) string {
		var b strings.Builder
		entries, _ := d.entries(n, path)
		for _, e := range entries {
			if !envNamePattern.MatchString(e.name) {
				d.errorf(e.key, path, "%q is not the name of an environment variable", e.name)
			}
			s, _ := d.text(e.value, join(path, e.name))
			if strings.Contains(s, "\n") {
				d.errorf(e.value, join(path, e.name), "must be one line")
			}
			b.WriteString("ENV " + e.name + "=" + shellQuote(s) + "\n")
		}
		return b.String()
	},
	"workdir": func(d *decoder, n *yaml.Node, path string) string {
		return "WORKDIR " + shellQuote(d.oneLine(n, path)) + "\n"
	},
	"entrypoint": func(d *decoder, n *yaml.Node, path string) string {
		list, _ := d.texts(n, path)
		return execForm("ENTRYPOINT", list)
	},
	"cmd": func(d *decoder, n *yaml.Node, path string) string {
		list, _ := d.texts(n, path)
		return execForm("CMD", list)
	},
}

// oneLine reads a text that is not blank and has no line breaks.
func (d *decoder) oneLine(n *yaml.Node, path string) string {
	s, ok := d.text(n, path)
	switch {
	case ok && strings.TrimSpace(s) == "":
		d.errorf(n, path, "must not be empty")
	case strings.Contains(s, "\n"):
		d.errorf(n, path, "must be one line")
	}
	return s
}

// imageSteps returns the Dockerfile lines of a list of steps.
func (d *decoder) imageSteps(n *yaml.Node, path string) string {
	var b strings.Builder
	known := slices.Sorted(maps.Keys(imageStepRenderers))
	items, _ := d.sequence(n, path)
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		entries, ok := d.entries(item, at)
		if ok && len(entries) != 1 {
			d.errorf(item, at, "a step must be a mapping with exactly one key: one of %s", strings.Join(known, ", ")).Hint = "start each step with a hyphen"
			continue
		}
		for _, e := range entries {
			step := imageStepRenderers[e.name]
			if step == nil {
				d.errorf(e.key, join(at, e.name), "unknown step; known steps are %s", strings.Join(known, ", ")).Hint = DidYouMean(e.name, known)
				continue
			}
			b.WriteString(step(d, e.value, join(at, e.name)))
		}
	}
	return b.String()
}
