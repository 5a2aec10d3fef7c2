package spec

import (
	"encoding/json"
	"testing"

	"fleet/internal/jsonobject"
)

// TestRecipes: a snapshot that was created for a resource has the same source digest, and
// one with another content has another.
func TestRecipes(t *testing.T) {
	const built = "images: {i: {dockerfile: \"FROM a:1\\nRUN x\\n\"}}\n"
	for name, c := range map[string]struct{ spec, have, other string }{
		"an image":                               {`snapshots: {s: {image: "a:1"}}`, `{"imageName":"a:1"}`, `{"imageName":"a:2"}`},
		"a Dockerfile":                           {built + `snapshots: {s: {image: i}}`, `{"imageName":"","buildInfo":{"dockerfileContent":"FROM a:1\nRUN x"}}`, `{"buildInfo":{"dockerfileContent":"FROM a:1\nRUN y\n"}}`},
		"an image that is named as a Dockerfile": {`snapshots: {s: {image: "a:1"}}`, `{"imageName":"a:1"}`, `{"buildInfo":{"dockerfileContent":"FROM a:1\n"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			want := mustParse(t, c.spec).OfKind(SnapshotKind)[0].SourceDigest()
			if got := recipeOf(t, c.have); got != want || want == "" {
				t.Errorf("it has %q, want %q", got, want)
			}
			if got := recipeOf(t, c.other); got == want || got == "" {
				t.Errorf("another content has %q", got)
			}
		})
	}
	if got := recipeOf(t, `{}`); got != "" {
		t.Errorf("nothing has %q", got)
	}
}

func recipeOf(t *testing.T, answer string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(answer), &fields); err != nil {
		t.Fatal(err)
	}
	attrs, err := Tables[SnapshotKind].Read(jsonobject.Of(fields))
	if err != nil {
		t.Fatal(err)
	}
	return Object{Attrs: attrs}.SourceDigest()
}
