package spec

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse checks that each text, with any environment and any value of each
// variable, is parsed to a fleet or to a list of diagnostics that can be printed.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml", "../examples/*.yaml", "../examples/*/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			for _, s := range sources(f, file) {
				f.Add(s.Text, "", "")
			}
		}
	}
	for _, s := range archived(f, "fleet.yaml") {
		f.Add(s.Text, "prod", "value")
		f.Add(s.Text, "", "7")
	}
	f.Add([]byte("version: 1\nname: d\nsandboxes: {a: &a {<<: [*a, *a], labels: *a}}\n"), "", "")
	f.Add([]byte("a: &a [*a]\nsandboxes: *a\n"), "", "")
	f.Add([]byte("\ufeffversion: 1\rname: d\u2028? !!binary x\n: |2-\n   y\n"), "", "")
	root := f.TempDir() // no file that the text names is there
	f.Fuzz(func(t *testing.T, text []byte, environment, value string) {
		o := Options{
			Environment: environment, Root: root,
			Lookup:  func(string) (string, bool) { return value, value != "" },
			Run:     func(argv []string) ([]byte, error) { return []byte(strings.Join(argv, " ")), nil },
			Decrypt: func(string) ([]byte, error) { return []byte(value), nil },
		}
		fleet, err := o.Parse(Source{Name: "fleet.yaml", Text: text})
		if err == nil {
			checkFleet(t, fleet)
			return
		}
		var mistakes Diagnostics
		if !errors.As(err, &mistakes) || len(mistakes) == 0 || fleet != nil {
			t.Fatalf("%v beside %v", err, fleet)
		}
		for _, m := range mistakes {
			checkMistake(t, m, text)
		}
		if s := err.Error(); utf8.Valid(text) && isText(environment) && isText(value) && (!utf8.ValidString(s) || strings.ContainsRune(s, 0)) {
			t.Errorf("the text of the error cannot be shown: %q", s)
		}
	})
}

// checkUTF8 reports whether flags and environment variables may be so.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// checkFleet checks that a fleet can be worked with: created, sealed, printed.
func checkFleet(t *testing.T, f *Fleet) {
	const enough = 100
	uniqueNames(t, f)
	for _, r := range f.Resources[:min(enough, len(f.Resources))] {
		o := Object{Labels: r.Labels(f.Name, nil)}
		if r.Name() == "" || len(o.Labels[FingerprintLabel]) > 63 || !r.FingerprintComplete(o) {
			t.Errorf("%s cannot be created: %v", r, o.Labels)
		}
		r.CreateBody(Facts{})
		for _, d := range r.Diff(Object{FullyRead: true}, Facts{}) {
			d.Attr.Format(d.Want)
		}
		r.Calls(r.Diff(o, Facts{}))
	}
}

// checkMistake checks that a diagnostic has a position in the file and a message.
func checkMistake(t *testing.T, m *Diagnostic, text []byte) {
	lines := 1 + strings.Count(breaks.Replace(string(text)), "\n")
	if m.Pos.File != "fleet.yaml" && m.Pos.Line > 0 || m.Pos.Line < 0 || m.Pos.Line > lines || m.Pos.Column < 0 || m.Pos.Column > len(text)+1 {
		t.Errorf("%v is not in the file of %d lines", m.Pos, lines)
	}
	if m.Message == "" || strings.Contains(m.Message, "%!") && !bytes.Contains(text, []byte("%!")) {
		t.Errorf("the message is %q", m.Message)
	}
	m.Excerpt()
}

// breaks are all that YAML takes for the end of a line.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// archived lists the files of a name in the archives of testdata.
func archived(t testing.TB, name string) []Source {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var list []Source
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name == name {
				list = append(list, Source{Name: file, Text: f.Data})
			}
		}
	}
	return list
}

// FuzzSeal checks that a label that another client wrote is read without harm, and
// never replaces a sandbox whose values match the spec.
func FuzzSeal(f *testing.F) {
	r := sandbox(f, "env_vars: {A: x}, volumes: [], ttl_minutes: 5, network_block_all: true")
	for _, s := range []string{"", "6", "6e", "1eabb", "9eabcdefghi", "6eabcdef\x00", r.Labels("demo", nil)[FingerprintLabel]} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, label string) {
		for letter, d := range digestsOf(label) {
			if len(d) < 1 || len(d) > maxDigest || strings.Count(label, d) == 0 {
				t.Errorf("%q has %q for %q", label, d, letter)
			}
		}
		have := listed(map[string]string{FingerprintLabel: label})
		r.Diff(have, Facts{})
		r.NeedsDetail(have, Facts{})
		have.Labels = r.Labels("demo", have.Labels)
		if !r.FingerprintComplete(have) || len(r.Diff(have, Facts{})) > 0 {
			t.Errorf("%q is still there after the labels were written: %v", label, have.Labels)
		}
	})
}
