package spec

import (
	"encoding/json"
	goflag "flag"
	"os"
	"path/filepath"
	"testing"

	"fleet/internal/jsonobject"

	"github.com/google/go-cmp/cmp"
)

var update = goflag.Bool("update", false, "rewrite the golden files in testdata")

// mustParse parses a valid spec. It adds version and name.
func mustParse(t testing.TB, text string) *Fleet {
	t.Helper()
	f, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// get returns the resource with an address.
func get(t testing.TB, f *Fleet, address string) *Resource {
	t.Helper()
	for _, r := range f.Resources {
		if r.String() == address {
			return r
		}
	}
	t.Fatalf("there is no %s", address)
	return nil
}

// parseOne returns the only resource of a spec.
func parseOne(t testing.TB, text string) *Resource {
	t.Helper()
	f := mustParse(t, text)
	if len(f.Resources) != 1 {
		t.Fatalf("%d resources, want one", len(f.Resources))
	}
	return f.Resources[0]
}

// sandbox returns the sandbox web with attributes in flow style.
func sandbox(t testing.TB, attributes string) *Resource {
	t.Helper()
	return parseOne(t, "sandboxes: {web: {"+attributes+"}}")
}

// listed returns the sandbox web with labels, read from a list.
func listed(labels map[string]string) Object {
	return Object{Attrs: Attrs{set: attributes{{nameRow, "web"}}}, Labels: labels}
}

// byKey returns attributes by their YAML keys.
func byKey(as attributes) map[string]any {
	m := map[string]any{}
	for a, v := range as.all() {
		m[a.Key] = v
	}
	return m
}

// answer returns the attributes in the JSON of a response.
func answer(t testing.TB, k Kind, text string) Attrs {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatal(err)
	}
	attrs, err := Tables[k].Read(jsonobject.Of(fields))
	if err != nil {
		t.Fatal(err)
	}
	return attrs
}

// keysOf returns the keys of the attributes of diffs.
func keysOf(diffs []Diff) []string {
	var keys []string
	for _, d := range diffs {
		keys = append(keys, d.Attr.Key)
	}
	return keys
}

// golden compares got with a file of testdata, or updates the file with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	same(t, file, got, string(want))
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// seal returns the fingerprint of a sandbox with the attributes.
func seal(_ Table, attrs attributes) string {
	r := &Resource{Address: Address{Kind: SandboxKind}, attrs: attrs}
	return r.labelFingerprint(nil)
}
