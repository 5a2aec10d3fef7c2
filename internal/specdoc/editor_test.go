package specdoc

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"fleet/internal/jsonschema"
	"fleet/internal/nodetest"
	"fleet/spec"
)

// A position in a document, from 0 on; characters are UTF-16 units.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// A document is opened in an editor.
type document struct {
	Text     string     `json:"text"`
	Hover    []position `json:"hover,omitempty"`
	Complete *position  `json:"complete,omitempty"`

	docs []string // what the hovers show
	keys []string // labels of the completion
}

// A shown is what an editor shows of a document.
type shown struct {
	Problems []struct {
		Message, Source string
		Line            int
	}
	Hovers []string
	Items  []struct{ Label, Insert, Doc string }
}

// positionAt returns the position of the end of a text.
func positionAt(before string) position {
	lines := strings.Split(before, "\n")
	return position{len(lines) - 1, len(utf16.Encode([]rune(lines[len(lines)-1])))}
}

// completing returns a document with a completion at the mark | of a text.
func completing(text string, keys ...string) document {
	before, after, _ := strings.Cut(text, "|")
	at := positionAt(before)
	return document{Text: before + after, Complete: &at, keys: keys}
}

const specHead = "version: 1\nname: demo\n"

// inEditor returns what yaml-language-server shows of documents, with the schema of specs.
func inEditor(t *testing.T, documents []document) []shown {
	t.Helper()
	dir := filepath.Join("testdata", "editor")
	modules := nodetest.Modules(t, dir)
	schema := filepath.Join(t.TempDir(), "schema.json")
	text, err := json.Marshal(EditorSchema())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(schema, text, 0o600); err != nil {
		t.Fatal(err)
	}
	questions, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", filepath.Join(dir, "lsp.mjs"),
		filepath.Join(modules, "yaml-language-server", "bin", "yaml-language-server"), "file://"+filepath.ToSlash(schema))
	node.Stdin, node.Stderr = bytes.NewReader(questions), os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []shown
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(documents) {
		t.Fatalf("%d answers: %v", len(answers), err)
	}
	return answers
}

// An editor documents and completes every key, accepts every example, and inserts nothing
// that is not YAML of a spec.
func TestEditor(t *testing.T) {
	documents := append([]document{topExamples(), completing(specHead+"|\n", topNames()...)}, blockCompletions()...)
	for kind, table := range spec.Tables {
		documents = append(documents, kindExamples(kind, table), kindCompletion(kind))
	}
	documents = append(documents, mistakes()...)
	for i, answer := range inEditor(t, documents) {
		checkHovers(t, documents[i], answer)
		checkCompletion(t, documents[i], answer)
	}
}

// mistakes are documents whose problems an editor shows.
func mistakes() []document {
	mount := specHead + "sandboxes:\n  web:\n    volumes:\n      - volume: data\n        mount_path: "
	path := []string{"Not valid here. Rule: an absolute path outside the system folders, without . and .. yaml-schema: fleet spec"}
	return []document{
		{Text: mount + "/etc\n", docs: path},
		{Text: mount + "/data/../etc\n", docs: path},
		{Text: mount + "/data\n"},
		{Text: mount + "data\n", docs: []string{"Not valid here. Path of the volume in the sandbox: an absolute path outside the system folders. Example: \"/cache\" yaml-schema: fleet spec"}},
		{Text: "version: 1\nname: My Fleet\n", docs: []string{"Not valid here. Name of the fleet: lower-case letters, digits and . _ - inside, at most 63 characters. Example: \"research\" yaml-schema: fleet spec"}},
		{Text: specHead + "sandboxes:\n  web: {auto_stop_interval: soon}\n", docs: []string{"Not valid here. Idle minutes before the sandbox is stopped; 0 never stops it. Example: 60 yaml-schema: fleet spec"}},
		{Text: specHead + "sandboxes:\n  web: {timeout: 5x}\n", docs: []string{"Not valid here. Longest time that one change of this resource may take. Example: \"10m\" yaml-schema: fleet spec"}},
		{Text: specHead + "sandboxes:\n  web: {state: running}\n", docs: []string{"Value is not accepted. Valid values: \"started\", \"stopped\", \"archived\", \"paused\". yaml-schema: fleet spec"}},
		{Text: specHead + "images:\n  i: {base: 'python:latest'}\n", docs: []string{"Not valid here. Rule: a tag other than latest, or a digest yaml-schema: fleet spec"}},
		{Text: mount + "/data/${var.x}\n"},
		{Text: specHead + "moved:\n  - {from: sandbox.old, to: sandbox.new}\n  - {from: fleet.old}\n  - {from: '${var.x}'}\n"},
		{Text: specHead + "removed:\n  - volume.old\n  - {from: sandbox.old, destroy: false}\n"},
	}
}

// Every pattern of a key has a sentence for editors, and the schema for validators has none.
func TestEditorSchema(t *testing.T) {
	found := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, below := range v {
				walk(path, below)
			}
		case map[string]any:
			message, _ := v["errorMessage"].(string)
			if pattern, ok := v["pattern"].(string); ok && message == "" {
				t.Errorf("%s: the pattern %s has no message", path, pattern)
			} else if ok {
				found++
			}
			for key, below := range v {
				if key != "not" && key != "if" {
					walk(path+"/"+key, below)
				}
			}
		}
	}
	walk("", map[string]any(EditorSchema()))
	if found < 50 {
		t.Errorf("%d messages", found)
	}
	text, err := json.Marshal(JSONSchema())
	if err != nil || bytes.Contains(text, []byte("errorMessage")) {
		t.Errorf("the schema for validators has messages (%v)", err)
	}
}

// topNames are the keys at the top of a spec, except those of specHead.
func topNames() (names []string) {
	for _, k := range spec.TopLevel {
		if k.Name != "version" && k.Name != "name" {
			names = append(names, k.Name)
		}
	}
	return names
}

// topExamples returns a document of the examples of the keys at the top.
func topExamples() document {
	var d document
	for _, k := range spec.TopLevel {
		if k.Example == "" {
			continue
		}
		d.Hover = append(d.Hover, positionAt(d.Text+k.Name[:1]))
		d.docs = append(d.docs, k.Doc)
		d.Text += k.Example + "\n"
	}
	return d
}

// kindExamples returns a document with a resource for each attribute of a kind.
func kindExamples(kind spec.Kind, table spec.Table) document {
	d := document{Text: specHead + kind.Section() + ":\n"}
	for _, a := range table {
		if a.Role == spec.Derived || a.Example == "" {
			continue
		}
		d.Text += "  " + strings.ReplaceAll(a.Key, "_", "-") + ":\n"
		block := "    " + strings.ReplaceAll(strings.TrimRight(a.Example, "\n"), "\n", "\n    ")
		at := 0
		for _, key := range strings.Split(a.Key, ".") {
			at += strings.Index(block[at:], key+":")
		}
		d.Hover = append(d.Hover, positionAt(d.Text+block[:at+1]))
		d.docs = append(d.docs, referenceText(a))
		d.Text += block + "\n"
	}
	return d
}

// kindCompletion returns a document with a completion in an empty block of a kind.
func kindCompletion(kind spec.Kind) document {
	block := blockSchema(spec.Tables[kind], kind, "", true)
	return completing(specHead+kind.Section()+":\n  one:\n    |\n", propertyNames(block)...)
}

// blockCompletions are documents with a completion in each mapping at the top, and in each
// list of mappings.
func blockCompletions() []document {
	documents := []document{
		completing(specHead+"moved:\n  - |\n", "from", "to"),
		completing(specHead+"removed:\n  - |\n", "from", "destroy"),
		completing(specHead+"sandboxes:\n  web:\n    volumes:\n      - |\n", "volume", "mount_path", "subpath"),
		completing(specHead + "images:\n  |\n"),
		completing(specHead+"vars:\n  size:\n    |\n", propertyNames(spec.VariableSchema())...),
	}
	for key, s := range JSONSchema()["properties"].(jsonschema.Schema) {
		if names := propertyNames(s.(jsonschema.Schema)); len(names) > 0 {
			documents = append(documents, completing(specHead+key+":\n  |\n", names...))
		}
	}
	return documents
}

// propertyNames are the keys of the mappings of a schema.
func propertyNames(s jsonschema.Schema) []string {
	properties, _ := s["properties"].(jsonschema.Schema)
	return slices.Sorted(maps.Keys(properties))
}

// checkHovers fails unless each hover shows its documentation. Without hovers, the
// documentation is that of the problems.
func checkHovers(t *testing.T, d document, got shown) {
	t.Helper()
	var problems []string
	for _, p := range got.Problems {
		problems = append(problems, p.Message+" "+p.Source)
	}
	if len(d.Hover) == 0 && d.Complete == nil && !slices.Equal(problems, d.docs) || len(d.Hover) > 0 && problems != nil {
		t.Errorf("problems %q of\n%s", problems, d.Text)
	}
	plain := strings.NewReplacer(`\`, "", "\u00a0", " ", "&nbsp;", " ").Replace
	for i, hover := range got.Hovers {
		if !strings.Contains(plain(hover), plain(d.docs[i])) {
			t.Errorf("line %d shows %q instead of %q", d.Hover[i].Line+1, hover, d.docs[i])
		}
	}
}

// checkCompletion fails unless all keys are offered, documented, and inserted as YAML.
func checkCompletion(t *testing.T, d document, got shown) {
	t.Helper()
	labels := map[string]bool{}
	for _, item := range got.Items {
		labels[item.Label] = true
		switch {
		case strings.Contains(item.Label, "fleet spec"), strings.Contains(item.Insert, "[object"), strings.Contains(item.Insert, "|"+item.Label+","):
			t.Errorf("%q inserts %q in\n%s", item.Label, item.Insert, d.Text)
		case slices.Contains(d.keys, item.Label) && item.Doc == "":
			t.Errorf("%s has no documentation in\n%s", item.Label, d.Text)
		}
	}
	for _, key := range d.keys {
		if !labels[key] {
			t.Errorf("%s is not offered in\n%s", key, d.Text)
		}
	}
}
