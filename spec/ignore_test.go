package spec

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestIgnores: each row that can differ can be ignored as a whole. It is then not a
// difference, and not a reason to write labels or to read the object by id.
func TestIgnores(t *testing.T) {
	each(t, func(t *testing.T, x example, one, other *Resource) {
		a := Tables[one.Kind].find(x.key)
		if wrong, _ := a.notIgnorable(); one.Kind != SandboxKind || wrong != "" {
			return
		}
		other.attrs.set(ignoreRow, []string{x.key, "network_block_all", "network_allow_list"})
		other.prepared = nil
		for _, version := range []string{"0.190.0", "0.220.0"} {
			for _, detailed := range []bool{true, false} {
				f := facts(version)
				have := created(t, one, f, detailed)
				if d := other.Diff(have, f); len(d) > 0 {
					t.Errorf("%s, detailed %v: %v differs", version, detailed, keysOf(d))
				}
				if !other.FingerprintComplete(have) || other.NeedsDetail(have, f) {
					t.Errorf("%s, detailed %v: the labels are to be written, or it is to be read", version, detailed)
				}
				if labels := other.Labels("demo", have.Labels); !maps.Equal(labels, have.Labels) {
					t.Errorf("%s, detailed %v: labels %v become %v", version, detailed, have.Labels, labels)
				}
				if d := other.IgnoredDiffs(have, f); x.mode != nothing && !slices.Equal(keysOf(d), []string{x.key}) {
					t.Errorf("%s, detailed %v: %v is ignored", version, detailed, keysOf(d))
				}
			}
		}
	})
}

// TestIgnoredSeals: an ignored attribute keeps the digest of the object's value, so that
// it differs again when it is no longer ignored.
func TestIgnoredSeals(t *testing.T) {
	first := sandbox(t, "env_vars: {A: x}, ttl_minutes: 5, ignore: [env_vars]")
	second := sandbox(t, "env_vars: {A: y}, ttl_minutes: 6, ignore: [env_vars]")
	strict := sandbox(t, "env_vars: {A: y}, ttl_minutes: 6")
	labels := second.Labels("demo", first.Labels("demo", nil))
	same(t, "later", keysOf(strict.Diff(listed(labels), Facts{})), []string{"env_vars"})
	same(t, "meanwhile", keysOf(second.Diff(listed(labels), Facts{})), nil)
	same(t, "and back", keysOf(sandbox(t, "env_vars: {A: x}, ttl_minutes: 6").Diff(listed(labels), Facts{})), nil)

	adopted := second.Labels("demo", map[string]string{})
	same(t, "nothing is sealed of what nobody has seen", parseFingerprint(adopted[FingerprintLabel]).digestOf('e'), "")
	same(t, "which is not spoken of", keysOf(second.IgnoredDiffs(listed(adopted), Facts{})), nil)
	if !second.FingerprintComplete(listed(adopted)) {
		t.Error("and no reason to write the labels again")
	}
}

// TestKeptDigests: a kept digest may be shorter or longer than the others.
func TestKeptDigests(t *testing.T) {
	r := sandbox(t, "env_vars: {A: y}, ttl_minutes: 6, ignore: [env_vars]")
	for have, want := range map[string]string{
		"6eabcdef": "6eabcdef", "3eabc": "3eabc", "2eab": "6", "1ea": "6", "junk": "6", "": "6",
	} {
		got := r.Labels("demo", map[string]string{FingerprintLabel: have})[FingerprintLabel]
		if got[:len(want)] != want {
			t.Errorf("after %q the seal is %q", have, got)
		}
	}
}

func TestIgnoredLabels(t *testing.T) {
	for _, tt := range []struct {
		name, attributes string
		have             map[string]string
		want             map[string]string // but for fleet's own
		keys             string
	}{
		{"at creation all count", "labels: {a: x, b: y}, ignore: [labels.a]", nil, map[string]string{"a": "x", "b": "y"}, "a,b"},
		{"one is left", "labels: {a: x, b: y}, ignore: [labels.a]", map[string]string{"a": "other", ManagedLabelsLabel: "a"}, map[string]string{"a": "other", "b": "y"}, "a,b"},
		{"one that is gone stays gone", "labels: {a: x, b: y}, ignore: [labels.a]", map[string]string{ManagedLabelsLabel: "a"}, map[string]string{"b": "y"}, "a,b"},
		{"a foreign one is not taken over", "labels: {a: x}, ignore: [labels.a]", map[string]string{"a": "other"}, map[string]string{"a": "other"}, ""},
		{"all are left", "labels: {a: x, b: y}, ignore: [labels]", map[string]string{"a": "other", "c": "z", ManagedLabelsLabel: "a"}, map[string]string{"a": "other", "c": "z"}, "a"},
		{"one that left the spec, too", "ignore: [labels.a]", map[string]string{"a": "x", "b": "y", ManagedLabelsLabel: "a,b"}, map[string]string{"a": "x"}, "a"},
		{"a key with a dot", "labels: {a.b: x}, ignore: [labels.a.b]", map[string]string{"a.b": "y"}, map[string]string{"a.b": "y"}, ""},
		{"a language", "language: python, ignore: [language]", map[string]string{LanguageLabel: "typescript"}, map[string]string{LanguageLabel: "typescript"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := sandbox(t, tt.attributes).Labels("demo", tt.have)
			same(t, "labels", WithoutFleetLabels(got), tt.want)
			same(t, "remembered", got[ManagedLabelsLabel], tt.keys)
		})
	}
}

// TestIgnoredLabelLaws: after the labels were written nothing differs, writing them again
// changes nothing, and ignored labels are unchanged.
func TestIgnoredLabelLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := someLabels.Draw(t, "first"), someLabels.Draw(t, "second")
		had := labelled(first).Labels("demo", someLabels.Draw(t, "foreign"))
		for k, v := range someLabels.Draw(t, "by hand") {
			had[k] = v
		}
		r := labelled(second)
		paths := []string{"labels"}
		if rapid.Bool().Draw(t, "only some") {
			paths = nil
			for _, k := range slices.Sorted(maps.Keys(had)) {
				if rapid.Bool().Draw(t, k) {
					paths = append(paths, "labels."+k)
				}
			}
		}
		r.attrs.set(ignoreRow, paths)
		got := r.Labels("demo", had)
		if d := r.Diff(Object{Labels: got}, Facts{}); len(d) > 0 {
			t.Fatalf("differs after all was written: have %v, want %v", d[0].Have, d[0].Want)
		}
		if again := r.Labels("demo", got); !maps.Equal(again, got) {
			t.Fatalf("not idempotent: %v, then %v", got, again)
		}
		for _, k := range append(slices.Collect(maps.Keys(had)), slices.Collect(maps.Keys(second))...) {
			v, was := had[k]
			w, is := got[k]
			left := slices.Contains(paths, "labels."+k) || slices.Equal(paths, []string{"labels"})
			if left && userLabels.Problem(map[string]string{k: ""}) == "" && (was != is || v != w) {
				t.Fatalf("the ignored label %q was %q (%v) and is %q (%v)", k, v, was, w, is)
			}
		}
	})
}

func TestUnowned(t *testing.T) {
	r := sandbox(t, "labels: {team: a}, language: python, protect: true, on_remove: stop, env_vars: {A: x}")
	same(t, "what is left", WithoutFleetLabels(r.Labels("demo", map[string]string{"other": "x"})), map[string]string{"team": "a", "other": "x", LanguageLabel: "python"})
	same(t, "of nothing", WithoutFleetLabels(nil), map[string]string{})
	same(t, "relabelled", Relabel("demo", "", "web", map[string]string{FleetLabel: "shop", KeyLabel: "front", RemoveLabel: "stop", "x": "y"}),
		map[string]string{FleetLabel: "demo", KeyLabel: "web", RemoveLabel: "stop", "x": "y"})
}
