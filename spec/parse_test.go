package spec

import (
	"strings"
	"testing"
)

// TestPositions checks that lines are counted as editors count them, and not as the
// parser does.
func TestPositions(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\nname: demo\nx: 1\n":                    "fleet.yaml:3:1: x: unknown key",
		"version: 1\r\nname: demo\r\nx: 1\r\n":              "fleet.yaml:3:1: x: unknown key",
		"version: 1\rname: demo\rx: 1\r":                    "fleet.yaml:1:23: x: unknown key",
		"# é\rversion: 1\nname: demo\r\n\n# a\r# b\rx: 1\n": "fleet.yaml:4:9: x: unknown key",
		"version: 1\rname: demo\r\nx: &a {y: *a}\n":         "fleet.yaml:2:1: x: unknown key",
		"version: 1\rname: demo\n\ta: b\n":                  "fleet.yaml:2:2: this is not YAML: found a tab",
		"version: 1\rname: demo\nx: *b\n":                   "fleet.yaml:2:4: this is not YAML: unknown anchor",
		"version: 1\nname: demo\n# a\u2028x: 1\n":           "fleet.yaml:3:4: the character U+2028",
		"version: 1\nname: demo\n# \u2029\n":                "fleet.yaml:3:3: the character U+2029",
		"version: 1\nname: d\r# é\u0085\n":                  "fleet.yaml:2:12: the character U+0085",
		"version: 1\nname: \"\ufeff\"\n":                    "fleet.yaml:2:8: the character U+FEFF",
	} {
		_, err := Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestDirectives: documents for YAML 1.1 and 1.2 are read, and no others.
func TestDirectives(t *testing.T) {
	const spec = "---\nversion: 1\nname: demo\nsandboxes: {web: {labels: {a: b}}}\n"
	for text, want := range map[string]string{
		"%YAML 1.2\n" + spec:                                            "",
		"%YAML 1.1\n" + spec:                                            "",
		"\ufeff# a\n\n%YAML\t1.2 # b\r\n" + spec:                        "",
		"%TAG !e! tag:yaml.org,2002:\n%YAML 1.2\n" + spec:               "",
		"%YAML 1.2\n" + spec + "...\n# a\n%YAML 1.2\n---\nversion: 1\n": "",
		"%YAML 1.3\n" + spec:                                            "fleet.yaml:1:1: the document is for YAML 1.3; YAML 1.1 and 1.2 are read; write %YAML 1.2",
		"# a\n%YAML 2.0\n" + spec:                                       "fleet.yaml:2:1: the document is for YAML 2.0",
		"%YAML 1.0\n" + spec:                                            "fleet.yaml:1:1: the document is for YAML 1.0",
		"%YAML 1.20\n" + spec:                                           "fleet.yaml:1:1: the document is for YAML 1.20",
		spec + "...\n%YAML 1.3\n---\nversion: 1\n":                      "fleet.yaml:6:1: the document is for YAML 1.3",
		"%YAML 1.2\n%YAML 1.2\n" + spec:                                 "fleet.yaml:1:1: this is not YAML: found duplicate %YAML directive",
		"%YAML 1.2 x\n" + spec:                                          "fleet.yaml:1:1: this is not YAML",
	} {
		f, err := Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
		if want == "" {
			if err != nil || len(f.Resources) != 1 {
				t.Errorf("%q: %v", text, err)
			}
		} else if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestVersionInText: what looks like a directive and is part of a text stays.
func TestVersionInText(t *testing.T) {
	r := parseOne(t, "sandboxes:\n  web:\n    labels:\n      a: \"x\n%YAML 1.2\n\"\n")
	same(t, "labels", r.attrs.get(sandboxTable.find("labels")), any(map[string]string{"a": "x %YAML 1.2 "}))
}
