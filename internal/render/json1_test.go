package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fleet/docs/schema"
	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// enumsOf adds the values of each list of values in a schema, by its path.
func enumsOf(node any, path string, into map[string]map[string]bool) {
	object, ok := node.(map[string]any)
	if !ok {
		return
	}
	for key, child := range object {
		list, ok := child.([]any)
		if key != "enum" || !ok {
			enumsOf(child, path+"/"+key, into)
			continue
		}
		into[path] = map[string]bool{}
		for _, v := range list {
			into[path][fmt.Sprint(v)] = true
		}
	}
}

func schemaEnums(t *testing.T, name string) map[string]map[string]bool {
	t.Helper()
	text, ok := schema.Read(name)
	if !ok {
		t.Fatalf("there is no schema %s", name)
	}
	var node any
	if err := json.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	enums := map[string]map[string]bool{}
	enumsOf(node, "", enums)
	return enums
}

// TestVersion1KnowsAllValues: a value that fleet has now and version 1 does not have is
// written as one that it has.
func TestVersion1KnowsAllValues(t *testing.T) {
	const verbs = "/$defs/Op/properties/verb"
	for _, name := range []string{"plan", "drift", "gc", "saved"} {
		now, first := schemaEnums(t, name), schemaEnums(t, name+"@1")
		if len(first[verbs]) == 0 {
			t.Errorf("%s@1 has no verbs", name)
		}
		for path, values := range now {
			for v := range values {
				known := first[path][v] || path == verbs && first[path][string(textVerbs[plan.Verb(v)])]
				if first[path] != nil && !known {
					t.Errorf("%s: version 1 does not have the value %q of %s", name, v, path)
				}
			}
		}
		for v := range textVerbs {
			if first[verbs][string(v)] {
				t.Errorf("%s@1 has the verb %s", name, v)
			}
		}
	}
}

// TestUploadsInVersion1: the documents of version 1 satisfy its schemas if files are
// uploaded, and those of version 2 have the upload.
func TestUploadsInVersion1(t *testing.T) {
	p := everything()
	p.Steps[0].Ops = append(p.Steps[0].Ops, plan.Op{Verb: plan.DoUpload})
	p.Steps[0].Changes = nil
	none := []gc.Remark{}
	report := &gc.Report{Fleet: gc.Group{Kind: spec.SandboxKind}, Picked: []gc.Group{}, NeverStopping: none, Stuck: none, Duplicates: none, OrphanSnapshots: none}
	for _, format := range []string{"json", "json@1"} {
		f, ok := FindFormat(format)
		if !ok {
			t.Fatalf("there is no format %s", format)
		}
		_, suffix, _ := strings.Cut(format, "json")
		for name, write := range map[string]Writer[*Document]{"plan": f.Plan, "drift": f.Drift, "gc": f.GC} {
			var b bytes.Buffer
			if err := write(&b, &Document{Plan: p, GC: report}); err != nil {
				t.Fatal(err)
			}
			if uploads := strings.Contains(b.String(), `"upload"`); uploads != (suffix == "") {
				t.Errorf("%s -o %s has an upload: %v", name, format, uploads)
			}
			requireConforms(t, name+suffix, b.Bytes())
		}
	}
	if op := p.Steps[0].Ops[len(p.Steps[0].Ops)-1]; op.Verb != plan.DoUpload {
		t.Errorf("the plan has %s now", op.Verb)
	}
}

func requireConforms(t *testing.T, name string, document []byte) {
	t.Helper()
	text, ok := schema.Read(name)
	if !ok {
		t.Fatalf("there is no schema %s", name)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
