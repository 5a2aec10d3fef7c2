package image

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/imageref"
	"fleet/internal/jsonschema"
)

// A basePart is a beginning that is written as a step or a key of the image.
type basePart struct{ base Base }

func (p basePart) render(w *writer) {
	w.text.WriteString(p.base.Text)
	w.scan(p.base.Dir, p.base.lineAt)
	w.span().file = p.base.File
}

// PythonVersions are the releases that debian_slim uses, by series, as in the SDK.
var PythonVersions = map[string]string{
	"3.9": "3.9.22", "3.10": "3.10.17", "3.11": "3.11.12", "3.12": "3.12.10", "3.13": "3.13.3",
}

var (
	pythonVersionPattern = regexp.MustCompile(`^3\.[0-9]+\.[0-9]+(rc[0-9]+)?$`)
	latestTagPattern     = regexp.MustCompile(`^[^@]*:latest$`)
)

// decodeBase reads a registry reference.
func decodeBase(r reader, n *yaml.Node, path string) part {
	s, ok := r.Text(n, path)
	if !ok {
		return basePart{}
	}
	if wrong := imageref.Check(s, ""); wrong.Message != "" {
		r.RejectText(n, path, s, wrong.Message).Hint = wrong.Hint
	}
	return basePart{Base{Text: "FROM " + s + "\n"}}
}

// decodeDebianSlim reads the version of Python.
func decodeDebianSlim(r reader, n *yaml.Node, path string) part {
	s, ok := r.Text(n, path)
	if !ok {
		return basePart{}
	}
	full, known := PythonVersions[s]
	if !known {
		full = s
		if !pythonVersionPattern.MatchString(s) {
			r.RejectText(n, path, s, fmt.Sprintf("%q is not a supported Python version; write a series from 3.9 to 3.13, or a full version such as 3.12.4", s))
		}
	}
	return basePart{Base{Text: debianSlim(full)}}
}

// debianSlim returns the Dockerfile of a Python image on Debian. It is the same as that
// of Daytona's Python SDK, so that both share one build.
func debianSlim(version string) string {
	return strings.Join([]string{
		"FROM python:" + version + "-slim-bookworm",
		"RUN apt-get update",
		"RUN apt-get install -y gcc gfortran build-essential",
		"RUN pip install --upgrade pip",
		"RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections",
		"",
	}, "\n")
}

var baseRow = Row{
	Name: "base", Type: "registry reference with a tag or digest", Doc: "Image to start from.", Example: "base: python:3.12-slim",
	Schema: jsonschema.Text.With(jsonschema.Matching(`^[^\s]+:[^/\s]+$`)).With(jsonschema.NotMatching("a tag other than latest, or a digest", latestTagPattern)).OrExpression(),
	decode: decodeBase,
}

var debianSlimRow = Row{
	Name: "debian_slim", Type: "Python version, quoted", Doc: "Python to start from, on Debian: a series from 3.9 to 3.13, or a full version.",
	Example: `debian_slim: "3.12"`,
	Schema:  jsonschema.Text.With(jsonschema.Matching(pythonSchemaPattern())).With(jsonschema.Schema{"minimum": 3, "exclusiveMaximum": 4}).OrExpression(),
	decode:  decodeDebianSlim,
}

var dockerfileRow = Row{
	Name: "dockerfile", Type: "path, or text of a Dockerfile", Doc: "Dockerfile to start from: its path relative to the spec file, or the text itself.",
	Example: "dockerfile: |\n  FROM ubuntu:24.04\n  RUN apt-get update",
	Schema:  jsonschema.Text.With(jsonschema.Matching(`\S`)).OrExpression(), decode: decodeDockerfile,
}

var fromDockerfileRow = Row{
	Name: fromDockerfile, Type: "path", Doc: "Dockerfile to start from, relative to the spec file. It is a key of the image or the first step.",
	Example: "from_dockerfile: ./Dockerfile", Schema: oneLineSchema, decode: decodeDockerfilePath,
}

// pythonSchemaPattern returns the pattern of the known Python versions.
func pythonSchemaPattern() string {
	series := strings.Join(slices.Sorted(maps.Keys(PythonVersions)), "|")
	return "^(" + strings.ReplaceAll(series, ".", `\.`) + `|3\.[0-9]+\.[0-9]+(rc[0-9]+)?)$`
}
