package spec

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// labelled returns a sandbox with labels; nil means that they are not managed.
func labelled(own map[string]string) *Resource {
	r := &Resource{Address: Address{SandboxKind, "web"}, attrs: attributes{}}
	if own != nil {
		r.attrs.set(labelsRow, own)
	}
	return r
}

// someLabels draws labels of users, including unusual keys.
var someLabels = rapid.MapOf(
	rapid.OneOf(rapid.SampledFrom([]string{"team", "a,b", "a b", "%2C", "x=y", "fleet", " ", "é", "a.b/c"}), rapid.StringN(1, 8, -1)).
		Filter(func(k string) bool { return userLabels.Problem(map[string]string{k: ""}) == "" }),
	rapid.StringN(0, 8, -1),
)

func TestLabelLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		foreign := someLabels.Draw(t, "foreign")
		first, second := someLabels.Draw(t, "first"), someLabels.Draw(t, "second")

		had := labelled(first).Labels("demo", foreign)
		got := labelled(second).Labels("demo", had)
		for k, v := range second {
			if got[k] != v {
				t.Fatalf("the label %q is %q, want %q", k, got[k], v)
			}
		}
		for k, v := range foreign {
			_, was := first[k]
			_, is := second[k]
			if !was && !is && got[k] != v {
				t.Fatalf("the foreign label %q is %q, was %q", k, got[k], v)
			}
		}
		for k := range first {
			if _, still := second[k]; !still {
				if v, there := got[k]; there {
					t.Fatalf("the label %q left the spec and is still there: %q", k, v)
				}
			}
		}
		for k := range got {
			_, own := second[k]
			_, other := foreign[k]
			if !own && !other && !strings.HasPrefix(k, labelPrefix) {
				t.Fatalf("the label %q comes from nowhere", k)
			}
		}
		if again := labelled(second).Labels("demo", got); !maps.Equal(again, got) {
			t.Fatalf("not idempotent: %v, then %v", got, again)
		}
		if d := labelled(second).Diff(Object{Labels: got}, Facts{}); len(d) > 0 {
			t.Fatalf("differs after all was written: have %v, want %v", d[0].Have, d[0].Want)
		}
	})
}

// TestLabelsAreWrittenWhenTheyDiffer: the diff has a change of the user's labels exactly
// if the merge would change them.
func TestLabelsAreWrittenWhenTheyDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		had := labelled(someLabels.Draw(t, "first")).Labels("demo", someLabels.Draw(t, "foreign"))
		r := labelled(someLabels.Draw(t, "second"))
		if rapid.Bool().Draw(t, "no labels block") {
			r = labelled(nil)
		}
		differs := !maps.Equal(r.Labels("demo", had), had)
		diffs := r.Diff(Object{Labels: had}, Facts{})
		if (len(diffs) > 0 || !r.TracksLabels(had)) != differs {
			t.Fatalf("the merge changes something is %v, the diff is %v", differs, keysOf(diffs))
		}
	})
}

func TestRememberEscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := someLabels.Draw(t, "own")
		keys := map[string]string{}
		for k := range managedLabelKeys(map[string]string{ManagedLabelsLabel: encodeLabelKeys(own)}) {
			keys[k] = own[k]
		}
		if !maps.Equal(keys, own) {
			t.Fatalf("%q is remembered as %v, was %v", encodeLabelKeys(own), keys, own)
		}
	})
}

// TestRememberedJunk: fleet's own labels cannot be removed by listing them in
// ManagedLabelsLabel.
func TestRememberedJunk(t *testing.T) {
	have := map[string]string{ManagedLabelsLabel: "fleet-name,%zz,,fleet-protect,fine", ProtectLabel: "true", "fine": "x", "kept": "y"}
	same(t, "labels", labelled(nil).Labels("demo", have), map[string]string{
		FleetLabel: "demo", KeyLabel: "web", NameDigestLabel: nameDigest(""), ProtectLabel: "true", "kept": "y",
	})
}

func TestLabels(t *testing.T) {
	tests := []struct {
		name, attributes string
		have, want       map[string]string
	}{
		{"nothing", "", nil, map[string]string{}},
		{"language", "language: python", nil, map[string]string{LanguageLabel: "python"}},
		{"language changes", "language: python", map[string]string{LanguageLabel: "javascript"}, map[string]string{LanguageLabel: "python"}},
		{"language of others", "", map[string]string{LanguageLabel: "javascript"}, map[string]string{LanguageLabel: "javascript"}},
		{"protect", "protect: true", nil, map[string]string{ProtectLabel: "true"}},
		{"protection stays", "", map[string]string{ProtectLabel: "true"}, map[string]string{ProtectLabel: "true"}},
		{"protection is lifted", "protect: false", map[string]string{ProtectLabel: "true"}, map[string]string{}},
		{"own", "labels: {b: 1, a: ''}", nil, map[string]string{"a": "", "b": "1", ManagedLabelsLabel: "a,b"}},
		{"taking over a foreign one", "labels: {a: x}", map[string]string{"a": "y", "b": "z"}, map[string]string{"a": "x", "b": "z", ManagedLabelsLabel: "a"}},
		{"none left", "labels: {}", map[string]string{"a": "x", ManagedLabelsLabel: "a"}, map[string]string{}},
		{"block left", "", map[string]string{"a": "x", ManagedLabelsLabel: "a"}, map[string]string{}},
		{"odd keys", `labels: {"a,b": 1, "c d": 2}`, nil, map[string]string{"a,b": "1", "c d": "2", ManagedLabelsLabel: "a%2Cb,c+d"}},
		{"sealed before", "", map[string]string{FingerprintLabel: "6eabcdef"}, map[string]string{}},
		{"another key", "", map[string]string{FleetLabel: "other", KeyLabel: "x"}, map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := maps.Clone(tt.have)
			tt.want[FleetLabel], tt.want[KeyLabel], tt.want[NameDigestLabel] = "demo", "web", nameDigest("web")
			same(t, "labels", sandbox(t, tt.attributes).Labels("demo", tt.have), tt.want)
			same(t, "what was given", tt.have, before)
		})
	}
}

func TestLabelDiffs(t *testing.T) {
	tests := []struct {
		name, attributes string
		have             map[string]string
		want             []string
	}{
		{"no language wanted", "", map[string]string{LanguageLabel: "python"}, nil},
		{"language", "language: python", nil, []string{"language"}},
		{"protect", "protect: true", nil, []string{"protect"}},
		{"not protected", "protect: false", nil, nil},
		{"lifted", "protect: false", map[string]string{ProtectLabel: "true"}, []string{"protect"}},
		{"junk is no protection", "protect: false", map[string]string{ProtectLabel: "maybe"}, nil},
		{"foreign", "labels: {a: x}", map[string]string{"a": "x", "b": "y"}, nil},
		{"changed by hand", "labels: {a: x}", map[string]string{"a": "y"}, []string{"labels"}},
		{"left the spec", "labels: {a: x}", map[string]string{"a": "x", "b": "y", ManagedLabelsLabel: "a,b"}, []string{"labels"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diffs := sandbox(t, tt.attributes).Diff(listed(tt.have), Facts{})
			same(t, "diff", keysOf(diffs), tt.want)
			for _, d := range diffs {
				if d.Mode != AnyState {
					t.Errorf("%s takes mode %d", d.Attr.Key, d.Mode)
				}
			}
		})
	}
}
