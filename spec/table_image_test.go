package spec

import (
	"os"
	"strings"
	"testing"
)

// imageExamples has two values of each attribute of an image, with the Dockerfiles that
// they make.
var imageExamples = []struct{ key, with, one, other, builtOne, builtOther string }{
	{"base", "", `base: "a:1"`, `base: "a:2"`, "FROM a:1\n", "FROM a:2\n"},
	{"debian_slim", "", `debian_slim: "3.12.4"`, `debian_slim: "3.12"`, slim("3.12.4"), slim("3.12.10")},
	{"dockerfile", "", `dockerfile: "FROM a:1"`, `dockerfile: ./Dockerfile`, "FROM a:1\n", "FROM a:1\nARG VERSION\n"},
	{"from_dockerfile", "", `from_dockerfile: Dockerfile`, `from_dockerfile: docker/Other`, "FROM a:1\nARG VERSION\n", "FROM a:2\n"},
	{"args", `dockerfile: ./Dockerfile`, `args: {VERSION: "1.4"}`, `args: {VERSION: a b}`, "FROM a:1\nARG VERSION=1.4\n", "FROM a:1\nARG VERSION='a b'\n"},
	{"args", `dockerfile: "ARG V\nFROM a:$${V}\n"`, `args: {V: 1}`, `args: {V: 2}`, "ARG V=1\nFROM a:${V}\n", "ARG V=2\nFROM a:${V}\n"},
	{"pull", `base: "a:1"`, `pull: always`, `share: snapshot`, "FROM a:1\n", "FROM a:1\n"},
	{"share", `base: "a:1"`, `pull: always`, `share: snapshot`, "FROM a:1\n", "FROM a:1\n"},
	{"context", `from_dockerfile: docker/Dockerfile`, `context: .`, `context: docker`, "FROM a:1\nARG VERSION\n", "FROM a:1\nARG VERSION\n"},
	{"steps", `base: "a:1"`, `steps: [{workdir: /a}]`, `steps: [{workdir: /b}]`, "FROM a:1\nWORKDIR /a\n", "FROM a:1\nWORKDIR /b\n"},
}

// slim returns the Dockerfile of a Python image.
func slim(version string) string {
	return "FROM python:" + version + `-slim-bookworm
RUN apt-get update
RUN apt-get install -y gcc gfortran build-essential
RUN pip install --upgrade pip
RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections
`
}

// TestImageRows builds images from the values of every attribute.
func TestImageRows(t *testing.T) {
	dockerfiles(t)
	check(t, os.WriteFile("docker/Other", []byte("FROM a:2\n"), 0o600))
	covered := map[string]bool{}
	for _, x := range imageExamples {
		covered[x.key] = true
		if x.with != "" {
			x.with += ", "
		}
		same(t, x.key, builtFrom(t, x.with+x.one), x.builtOne)
		same(t, x.key, builtFrom(t, x.with+x.other), x.builtOther)
	}
	for _, a := range imageTable {
		if a.Role == Part && !covered[a.Key] {
			t.Errorf("there is no example of %s", a.Key)
		}
	}
}

// TestImageCopies: images are expanded as other resources are.
func TestImageCopies(t *testing.T) {
	dockerfiles(t)
	for name, c := range map[string]struct{ images, use, want string }{
		"for_each":  {`images: {i: {for_each: [x, y], base: "a:${each.key}1"}}`, "i[y]", "FROM a:y1\n"},
		"a mapping": {`images: {i: {for_each: {x: {v: 1}, y: {v: 2}}, base: "a:1", steps: [{env: {V: "${each.value.v}"}}]}}`, "i[y]", "FROM a:1\nENV V=2\n"},
		"count":     {`images: {i: {count: 2, base: "a:${index}"}}`, "i[1]", "FROM a:1\n"},
		"alike":     {`images: {i: {count: 2, base: "a:1"}}`, "i[1]", "FROM a:1\n"},
		"defaults":  {"defaults: {images: {base: 'a:1'}}\nimages: {i: {steps: [{workdir: /x}]}}", "i", "FROM a:1\nWORKDIR /x\n"},
		"template": {
			"templates: {images: {t: {base: 'a:1', steps: [{workdir: /x}]}}}\nimages: {i: {extends: t, +steps: [{workdir: /y}]}}", "i",
			"FROM a:1\nWORKDIR /x\nWORKDIR /y\n",
		},
		"another base": {
			"templates: {images: {t: {base: 'a:1', steps: [{workdir: /x}]}}}\nimages: {i: {extends: t, dockerfile: Dockerfile}}", "i",
			"FROM a:1\nARG VERSION\nWORKDIR /x\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := parseOne(t, c.images+"\nsnapshots: {s: {image: '"+c.use+"'}}\n")
			same(t, "Dockerfile", r.Dockerfile(), c.want)
		})
	}
}

// TestImageCopyPerSandbox: copies of a sandbox refer to the copies of an image.
func TestImageCopyPerSandbox(t *testing.T) {
	f := mustParse(t, `
images: {task: {for_each: [alpha, beta], base: "a:${each.key}"}}
sandboxes: {run: {for_each: [alpha, beta], image: "task[${each.key}]"}}
`)
	for i, want := range []string{"FROM a:alpha\n", "FROM a:beta\n"} {
		same(t, "Dockerfile", f.Resources[i].Dockerfile(), want)
	}
	same(t, "resources", len(f.Resources), 2)
}

// TestImageReferenceProblems: a reference to an image that exists in another form is
// explained.
func TestImageReferenceProblems(t *testing.T) {
	for name, c := range map[string]struct{ images, use, want string }{
		"a group":   {`i: {for_each: [x, y], base: "a:1"}`, "i", "image.i is a group of copies"},
		"no copy":   {`i: {for_each: [x, y], base: "a:1"}`, "i[z]", "image.i has no copy z"},
		"no copies": {`i: {base: "a:1"}`, "i[z]", "image.i has no copies"},
		"disabled":  {`i: {enabled: false, base: "a:1"}`, "i", "image.i is not enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nimages: {" + c.images + "}\nsnapshots: {s: {image: '" + c.use + "'}}\n")})
			if err == nil || !strings.HasPrefix(err.Error(), "fleet.yaml:4:24: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// TestImageOfEnvironment: an environment changes parts of an image, or replaces it
// with another base.
func TestImageOfEnvironment(t *testing.T) {
	for name, c := range map[string]struct{ over, want string }{
		"steps": {"steps: [{workdir: /y}]", "FROM a:1\nWORKDIR /y\n"},
		"added": {"+steps: [{workdir: /y}]", "FROM a:1\nWORKDIR /x\nWORKDIR /y\n"},
		"base":  {"base: 'b:1'", "FROM b:1\n"},
		"both":  {"base: 'b:1', steps: [{workdir: /y}]", "FROM b:1\nWORKDIR /y\n"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "version: 1\nname: demo\nimages: {i: {base: 'a:1', steps: [{workdir: /x}]}}\nsnapshots: {s: {image: i}}\nenvironments: {e: {images: {i: {" + c.over + "}}}}\n"
			f, err := Options{Environment: "e"}.Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
			check(t, err)
			same(t, "Dockerfile", f.Resources[0].Dockerfile(), c.want)
		})
	}
}
