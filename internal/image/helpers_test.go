package image_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/image"
	"fleet/internal/yamldoc"
)

// load reads an image of a spec file with a name and the given text of its mapping.
func load(t *testing.T, file, text string) (image.Build, *decode.FileSet) {
	t.Helper()
	return read(t, file, text)
}

// read is load for all kinds of tests.
func read(t interface{ Fatalf(string, ...any) }, file, text string) (image.Build, *decode.FileSet) {
	set := decode.NewFileSet(decode.Options{
		Read: func(file string) ([]byte, error) { return os.ReadFile(file) },
		Once: func(_ string, read func() ([]byte, error)) ([]byte, error) { return read() },
	}, decode.CurrentRule)
	d := set.NewDecoder(yamldoc.Source{Name: file, Text: []byte(text)})
	roots := d.Documents([]byte(text))
	if roots == nil {
		t.Fatalf("%s: %v", text, set.Diagnostics)
	}
	return decodeImage(d, roots[0]), set
}

// decodeImage decodes an image as package spec does.
func decodeImage(d *decode.Decoder, root *yaml.Node) image.Build {
	def := image.Definition{Pos: d.Position(root), Path: "images.i"}
	entries, _ := d.Entries(root, "images.i")
	for _, e := range entries {
		switch e.Name {
		case "steps":
			def.Steps, _ = image.DecodeSteps(d, e.Value, "images.i.steps")
		case "args":
			def.Args, _ = image.DecodeArgs(d, e.Value, "images.i.args")
		default:
			def.Base, _ = image.DecodeBase(d, e.Name, e.Value, "images.i."+e.Name)
		}
	}
	if d.ErrorCount() > 0 {
		return image.Build{}
	}
	build, problems := def.Build()
	image.Report(d, problems)
	return build
}

// built returns the build of a definition without mistakes.
func built(t *testing.T, text string) image.Build {
	t.Helper()
	b, set := load(t, "fleet.yaml", text)
	if len(set.Diagnostics) > 0 {
		t.Fatalf("%s\n%v", text, set.Diagnostics)
	}
	return b
}

// appended returns the lines that steps append to a base.
func appended(t *testing.T, steps string) string {
	t.Helper()
	text := built(t, "base: a:1\nsteps: "+steps).Dockerfile
	rest, found := strings.CutPrefix(text, "FROM a:1\n")
	if !found {
		t.Fatalf("%q does not begin with the base", text)
	}
	return rest
}

// sourcesOf returns the sources of a build in a short form.
func sourcesOf(b image.Build) string {
	var all []string
	for _, s := range b.Sources {
		all = append(all, fmt.Sprintf("%s %s %s", s.Root, s.Pattern, s.Archive))
	}
	return strings.Join(all, "\n")
}
