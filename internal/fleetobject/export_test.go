package fleetobject

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/spec"
)

func noEnvironment(string) (string, bool) { return "", false }

// exportOf exports a spec that is written to a file.
func exportOf(t *testing.T, name, text string) (*Result, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Export(Options{Spec: spec.Options{Lookup: noEnvironment}, Paths: []string{path}})
}

// specOf returns a spec of some bytes.
func specOf(size int) string {
	var b strings.Builder
	b.WriteString("version: 1\nname: demo\nsandboxes:\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "  worker-%d: {snapshot: base, env_vars: {TEXT: %q}}\n", i, strings.Repeat("x", 1<<10))
	}
	return b.String()
}

// A large spec is a ConfigMap, and one that is larger than a ConfigMap is refused.
func TestLargeSpecs(t *testing.T) {
	for _, test := range []struct {
		size   int
		inline bool
		wrong  string
	}{
		{400 << 10, true, ""},
		{600 << 10, false, ""},
		{1100 << 10, false, "and a ConfigMap holds at most 1048576; divide them among directories"},
	} {
		r, err := exportOf(t, "fleet.yaml", specOf(test.size))
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%d bytes: %v", test.size, err)
			}
			continue
		}
		if err != nil || r.Inline != test.inline {
			t.Errorf("%d bytes: %v, in the object %v", test.size, err, r != nil && r.Inline)
		}
	}
}

func TestNamesOfFiles(t *testing.T) {
	const documents = "version: 1\nname: a.b_c\n---\nvolumes: {x: {}}\n"
	if _, err := exportOf(t, "my fleet.yaml", documents); err == nil || !strings.Contains(err.Error(), "a ConfigMap cannot hold a file of this name") {
		t.Errorf("a name with a space: %v", err)
	}
	r, err := exportOf(t, "fleet.yaml", documents)
	if err != nil || !strings.Contains(string(r.Text), "name: a-b-c\n") || !strings.Contains(string(r.Text), "configMap: a-b-c-spec\n") {
		t.Errorf("%v, %v", r, err)
	}
}

// Texts that readers of YAML 1.1 take for something else are quoted, and others are not.
func TestSetText(t *testing.T) {
	for text, quoted := range map[string]bool{
		"on": true, "Off": true, "y": true, "NO": true, "010": true, "3.10": true, "1:30": true, "2026-01-02": true,
		"0x1F": true, "1_000": true, ".5": true, "-1": true, "+1": true, ".inf": true, "~": true, "=": true, "<<": true, "null": true,
		"yes-man": false, "web": false, "ubuntu:24.04": false, "nothing": false, "${var.x}": false, "a": false,
	} {
		n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
		setText(n)
		if got := n.Style == yaml.DoubleQuotedStyle; got != quoted || n.Tag != "!!str" {
			t.Errorf("%s: quoted %v, tag %s", text, got, n.Tag)
		}
	}
}

// Numbers stay numbers if all readers write them in the same way.
func TestCanonicalNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "5": true, "-3": true, "1.5": true, "0.001": true, "9007199254740993": true,
		"010": false, "3.10": false, "1e3": false, "+1": false, "0x1F": false, ".5": false, "1_000": false, "1.0": false, ".nan": false,
	} {
		if _, got := canonicalNumber(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
