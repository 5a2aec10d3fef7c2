package specdoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
	"fleet/spec"
)

// compiled is the schema of specs, as another implementation reads it.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(JSONSchema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(specSchemaID, doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile(specSchemaID)
}

// instances are the documents of a YAML text as a schema sees them: without
// aliases and merge keys, and without the spelling of numbers.
func instances(t testing.TB, text []byte) []any {
	t.Helper()
	var list []any
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			return list // the end, or no YAML any more
		}
		list = append(list, instance(t, doc.Content[0], 0))
	}
}

func instance(t testing.TB, n *yaml.Node, depth int) any {
	if depth > 100 {
		return nil // it holds itself
	}
	switch n = yamldoc.FollowAlias(n); n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; key.Tag == "!!merge" {
				merge(t, m, n.Content[i+1], depth+1)
			} else {
				m[key.Value] = instance(t, n.Content[i+1], depth+1)
			}
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, instance(t, item, depth+1))
		}
		return list
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	switch v.(type) {
	case bool, nil:
		return v
	case int, int64, uint64, float64:
		return json.Number(fmt.Sprint(v))
	}
	return n.Value
}

// merge adds the mappings of a merge key; the first one takes precedence.
func merge(t testing.TB, into map[string]any, n *yaml.Node, depth int) {
	if n = yamldoc.FollowAlias(n); n.Kind == yaml.SequenceNode {
		for _, s := range slices.Backward(n.Content) {
			merge(t, into, s, depth)
		}
		return
	}
	m, _ := instance(t, n, depth).(map[string]any)
	for k, v := range m {
		into[k] = v
	}
}

// validate validates each document of a spec.
func validate(t testing.TB, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	var errs []error
	for _, doc := range instances(t, text) {
		errs = append(errs, s.Validate(doc))
	}
	return errors.Join(errs...)
}

var yamlFence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestSchemaAcceptsSpecs: the schema accepts every spec that is shown anywhere.
func TestSchemaAcceptsSpecs(t *testing.T) {
	s := compiled(t)
	n := 0
	check := func(name string, text []byte) {
		n++
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, pattern := range []string{"../../examples/*.yaml", "../../examples/*/fleet.yaml", "../../spec/testdata/good/*.yaml", "../../spec/testdata/good/*.written", "../../README.md", "../../docs/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v %v", pattern, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(file) != ".md" {
				check(file, text)
			}
			for _, fence := range yamlFence.FindAllSubmatch(text, -1) {
				check(file, fence[1])
			}
		}
	}
	t.Logf("%d specs", n)
}

// TestSchemaForms: what forms the schema uses is understood by JavaScript, too.
func TestSchemaForms(t *testing.T) {
	text, err := json.MarshalIndent(JSONSchema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"pattern": (".*")`).FindAllSubmatch(text, -1) {
		form, err := strconv.Unquote(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(form, "(?") || strings.Contains(form, `\z`) || strings.Contains(form, `\A`) || strings.Contains(form, `[^]`) || strings.Contains(form, `[]`) {
			t.Errorf("%s is of Go alone", form)
		}
	}
	if strings.Contains(string(text), `"description": ""`) {
		t.Error("something has no description")
	}
}

// beyond are the messages of errors that a schema cannot detect, with the reasons.
var beyond = []struct{ message, why string }{
	// Reported by the parser, or not visible to schemas.
	{`^this is not YAML`, ofSyntax},
	{`^the file is (empty|not UTF-8 text)`, ofSyntax},
	{`^the key is there twice`, ofSyntax},
	{`^a key must be plain text`, ofSyntax},
	{`^more than 10000 merge keys`, ofSyntax},
	{`^expected a mapping of keys to values, got the text "text"$`, ofSyntax}, // a merge key's
	{`got the number (010|0x1F|1_000|1e1)$`, "how a number is spelt is not visible to schemas"},
	{`must not hold a NUL character`, "every text would need a pattern against what nobody types"},

	// Other files may set what is missing, or the same.
	{`^(version|name) is missing$`, ofFiles},
	{`^an image needs exactly one of .* and from_dockerfile$`, ofFiles},
	{`contradicts|^(defaults of .* are given|.* is declared) twice`, ofFiles},

	// Lower layers may set what is missing or removed.
	{`, got nothing$`, ofLayers},
	{`^a snapshot needs image$`, ofLayers},
	{`exclude each other$|contradict each other$|cannot both be set$|^a sandbox is created from a snapshot or from an image`, ofLayers},
	{`^resources can only be set together with image|^a linked sandbox cannot be built|^kvm needs|^spot is only for GPU|^gpu_type has no effect|^(keep|pin) has no effect`, ofLayers},
	{`^(a GPU|a linked) sandbox must be ephemeral$|^an ephemeral sandbox `, ofLayers},

	// What names stand for.
	{`"(pyton|ubuntu)" is not an image of the spec|"ubuntu:latest"|^"UPPER CASE:1" is not|^"" is not an image`, ofNames},
	{`^there is no sandbox| is a group of copies$| has no cop(y|ies)|can(not| only) be linked to|links cannot be chained|is in another region$`, ofNames},
	{`is already used by|is used by`, ofNames},
	{`is moved but still declared|is moved twice|are a cycle|is already the new address|is a group of copies|has no copy|^there is no sandbox.* in the spec`, ofNames},
	{`^its name `, "a block may have a name of its own"},
	{`^the name of its version, `, "it is computed over the content"},

	// Values as a whole.
	{`one cannot be ignored without the other`, ofLayers},
	{`ignore\[.*(belong to fleet|not the name of an environment variable)`, "every mapping would need its own form of names"},
	{`^two volumes have the mount path`, "the schema knows no equality but of whole entries"},
	{`is not a regular expression`, "there are several sorts of regular expressions"},
	{`^path has no effect without port|^ready has no check`, ofLayers},
	{`^waves are cumulative`, "the schema does not compare entries"},
	{`network_allow_list: has 11 entries`, "written as one text, which may repeat an entry"},
}

const (
	ofSyntax = "it is about the text, not about what it says"
	ofFiles  = "there may be other files"
	ofLayers = "it depends on what other layers say"
	ofNames  = "it depends on what a name stands for"
)

// TestSchemaRefusesMistakes: of each mistake in testdata/bad, the schema sees
// something in its place, or there is a reason why it cannot.
func TestSchemaRefusesMistakes(t *testing.T) {
	s := compiled(t)
	entries, err := os.ReadDir("../../spec/testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".want") {
			continue
		}
		files := sourcesOf(t, filepath.Join("../../spec/testdata/bad", e.Name()))
		_, err := spec.Parse(files...)
		var mistakes spec.Diagnostics
		if !errors.As(err, &mistakes) {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, f := range files {
			for _, doc := range instances(t, f.Text) {
				var wrong *jsonschema.ValidationError
				if errors.As(s.Validate(doc), &wrong) {
					places(doc, wrong, seen)
				}
			}
		}
		for _, m := range mistakes {
			if m.Warning {
				continue
			}
			why := ""
			for _, b := range beyond {
				if form := regexp.MustCompile(b.message); form.MatchString(m.Message) || form.MatchString(m.Path+": "+m.Message) {
					why, used[b.message] = b.why, true
				}
			}
			switch refused := sees(seen, m.Path); {
			case refused && why != "":
				t.Errorf("the schema sees what it is said that it cannot, as %s: %v", why, m)
			case !refused && why == "":
				t.Errorf("the schema does not see %v", m)
			}
		}
	}
	for _, b := range beyond {
		if !used[b.message] {
			t.Errorf("no mistake says %q", b.message)
		}
	}
}

// sourcesOf reads the files of a path, named without their folder.
func sourcesOf(t *testing.T, path string) []spec.Source {
	t.Helper()
	files, err := spec.Options{}.Files(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []spec.Source
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, spec.Source{Name: filepath.Base(f), Text: text})
	}
	return list
}

// sees reports whether there is a place at the path, or in an entry of a list.
func sees(places map[string]bool, path string) bool {
	for p := range places {
		if p == path || strings.HasPrefix(p, path+"[") || strings.HasSuffix(path, "]") && strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}

// places collects where in a document something is wrong, as paths of mistakes.
func places(doc any, wrong *jsonschema.ValidationError, into map[string]bool) {
	path := pathOf(doc, wrong.InstanceLocation)
	switch k := wrong.ErrorKind.(type) {
	case *kind.Schema, *kind.Reference, *kind.Group, *kind.AllOf:
	case *kind.AdditionalProperties:
		for _, p := range k.Properties {
			into[yamldoc.Join(path, p)] = true
		}
	case *kind.PropertyNames: // whose location is not reliable
		holders(doc, k.Property, "", into)
	default:
		into[path] = true
	}
	for _, c := range wrong.Causes {
		places(doc, c, into)
	}
}

// holders collects the mappings that have a key.
func holders(doc any, key, path string, into map[string]bool) {
	switch v := doc.(type) {
	case map[string]any:
		for k, below := range v {
			if k == key {
				into[path], into[yamldoc.Join(path, key)] = true, true
			}
			holders(below, key, yamldoc.Join(path, k), into)
		}
	case []any:
		for i, below := range v {
			holders(below, key, fmt.Sprintf("%s[%d]", path, i), into)
		}
	}
}

func pathOf(doc any, tokens []string) string {
	path := ""
	for _, token := range tokens {
		switch v := doc.(type) {
		case map[string]any:
			path, doc = yamldoc.Join(path, token), v[token]
		case []any:
			i, _ := strconv.Atoi(token)
			path += "[" + token + "]"
			doc = v[i]
		}
	}
	return path
}
