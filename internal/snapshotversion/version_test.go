package snapshotversion

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDigestNeverChanges has golden values: the names of existing snapshots depend on them.
func TestDigestNeverChanges(t *testing.T) {
	for _, tt := range []struct {
		content Content
		want    string
	}{
		{Content{}, "e3b0c44298fc"}, // SHA-256 of nothing
		{Content{"image": `"python:3.12"`}, "1294812f0a91"},
		{Content{"resources.cpu": "2", "image": `"python:3.12"`}, "777d30075e3d"},
	} {
		if got := tt.content.Digest(); got != tt.want {
			t.Errorf("%v has the version %s, want %s", tt.content, got, tt.want)
		}
	}
}

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		base, name, version string
		ok                  bool
	}{
		{"base", "base-3f2a9c01d47e", "3f2a9c01d47e", true},
		{"team/base", "team/base-3f2a9c01d47e", "3f2a9c01d47e", true},
		{"base", "base", "", false},
		{"base", "base-3F2A9C01D47E", "", false},
		{"base", "base-3f2a9c01d47", "", false},
		{"base", "base-3f2a9c01d47e0", "", false},
		{"base", "base-x-3f2a9c01d47e", "", false},
		{"base", "base-3f2a9c01d47e\n", "", false},
		{"base", "other-3f2a9c01d47e", "", false},
	} {
		if version, ok := Of(tt.base, tt.name); version != tt.version || ok != tt.ok {
			t.Errorf("%q of %q: %q, %v", tt.name, tt.base, version, ok)
		}
	}
}

// TestNamesAreRead checks that the version in a name is found again.
func TestNamesAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching(`[a-z0-9_.:-]{1,12}`).Draw(t, "base")
		c := Content(rapid.MapOf(rapid.StringMatching(`[a-z.]{1,4}`), rapid.String()).Draw(t, "content"))
		if version, ok := Of(base, Name(base, c.Digest())); !ok || version != c.Digest() {
			t.Fatalf("%q, %v", version, ok)
		}
	})
}

// TestFindProves checks that a version is proven by its content, with or without values that
// the server chose, and by no other one.
func TestFindProves(t *testing.T) {
	want := Content{"image": `"a:1"`, "cpu": "2"}.Digest()
	for _, tt := range []struct {
		name         string
		alternatives map[string][]string
		proven       bool
	}{
		{"equal", map[string][]string{"image": {`"a:1"`}, "cpu": {"", "2"}}, true},
		{"chosen by the server", map[string][]string{"image": {`"a:1"`}, "cpu": {"", "2"}, "disk": {"", "9"}}, true},
		{"another image", map[string][]string{"image": {`"a:2"`}, "cpu": {"", "2"}}, false},
		{"another value", map[string][]string{"image": {`"a:1"`}, "cpu": {"", "3"}}, false},
		{"a missing value", map[string][]string{"image": {`"a:1"`}}, false},
		{"nothing", nil, false},
	} {
		if _, got := Find(want, tt.alternatives); got != tt.proven {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestFindAmongMany checks that a version is proven among as many contents as are tried,
// and not among more.
func TestFindAmongMany(t *testing.T) {
	want := Content{"image": `"a:1"`}.Digest()
	for attributes, proven := range map[int]bool{0: true, 13: true, 14: true, 15: false, 20: false} {
		alternatives := map[string][]string{"image": {`"a:1"`}}
		for i := range attributes {
			alternatives[string(rune('a'+i))] = []string{"", "x"}
		}
		if _, got := Find(want, alternatives); got != proven {
			t.Errorf("%d attributes of two values each: %v", attributes, got)
		}
	}
}

// Of returns nothing for other names than those of versions.
func TestOfAnother(t *testing.T) {
	for _, name := range []string{"", "base", "base-", "base-0123456789a", "base-0123456789abc", "base-0123456789aB", "other-0123456789ab", "0123456789ab"} {
		if v, ok := Of("base", name); ok || v != "" {
			t.Errorf("%q: %q, %v", name, v, ok)
		}
	}
}

func TestSplit(t *testing.T) {
	for name, want := range map[string]string{
		"base-3f2a9c01d47e":              "base 3f2a9c01d47e",
		"a/b-c-3f2a9c01d47e":             "a/b-c 3f2a9c01d47e",
		"base-3f2a9c01d47e-000000000000": "base-3f2a9c01d47e 000000000000",
		"--000000000000":                 "- 000000000000",
		"-000000000000":                  "",
		"000000000000":                   "",
		"base-3F2A9C01D47E":              "",
		"base-3f2a9c01d47e.trial":        "",
		"base":                           "",
		"":                               "",
	} {
		base, version, ok := Split(name)
		if got := strings.TrimSpace(base + " " + version); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", name, got, ok)
		}
	}
}

// TestFind checks that the content of a version is found without values that the server
// chose.
func TestFind(t *testing.T) {
	want := Content{"image": `"a:1"`, "target": `"us"`}
	got, ok := Find(want.Digest(), map[string][]string{"image": {`"a:1"`}, "cpu": {"", "2"}, "target": {"", `"region-1"`, `"us"`}})
	if !ok || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, ok)
	}
	if got, ok := Find(want.Digest(), map[string][]string{"image": {`"a:2"`}}); ok || got != nil {
		t.Errorf("of another image: %v, %v", got, ok)
	}
}
