package spec

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sealed returns the attributes of sandboxes whose digests the labels of a new one have.
func sealedRows() []*Attribute {
	var list []*Attribute
	for _, a := range sandboxTable {
		if a.FingerprintLetter != 0 && !a.Change.Upload {
			list = append(list, a)
		}
	}
	return list
}

// someValue draws a value of the attribute.
func someValue(a *Attribute) *rapid.Generator[any] {
	words := rapid.StringN(0, 20, -1)
	switch a.Type.Absent.(type) {
	case bool:
		return rapid.Bool().AsAny()
	case map[string]string:
		return rapid.MapOf(words, words).AsAny()
	case []Mount:
		mount := rapid.Custom(func(t *rapid.T) Mount { return Mount{words.Draw(t, "volume"), words.Draw(t, "path"), ""} })
		return rapid.Map(rapid.SliceOf(mount), func(ms []Mount) any { return byPath(ms) })
	}
	switch {
	case strings.HasPrefix(a.Type.Name, "whole"):
		return rapid.Int().AsAny()
	case a.Ref == ImageKind:
		return rapid.Map(words, func(s string) any { return Image{Name: "i", Dockerfile: s + "\n"} })
	}
	return words.AsAny()
}

// someAttrs draws values of some fingerprinted attributes.
func someAttrs(t *rapid.T) attributes {
	attrs := attributes{}
	for _, a := range sealedRows() {
		if rapid.Bool().Draw(t, a.Key+"?") {
			attrs.set(a, someValue(a).Draw(t, a.Key))
		}
	}
	return attrs
}

// digestsOf returns the digests of a fingerprint by letter.
func digestsOf(label string) map[byte]string {
	s := parseFingerprint(label)
	digests := map[byte]string{}
	for letter := range 256 {
		if d := s.digestOf(byte(letter)); d != "" {
			digests[byte(letter)] = d
		}
	}
	return digests
}

func TestSealLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attrs := someAttrs(t)
		s := seal(sandboxTable, attrs)
		if len(s) > 63 {
			t.Fatalf("%q has %d characters; label values have at most 63", s, len(s))
		}
		digests := digestsOf(s)
		if len(digests) != len(attrs) {
			t.Fatalf("%q holds %d digests of %d attributes", s, len(digests), len(attrs))
		}
		for a, v := range attrs.all() {
			d := digests[a.FingerprintLetter]
			if d == "" || !strings.HasPrefix(digest(v), d) {
				t.Fatalf("%q has %q for %s, whose digest is %s", s, d, a.Key, digest(v))
			}
		}
		if again := seal(sandboxTable, slices.Clone(attrs)); again != s {
			t.Fatalf("equal values have the seals %q and %q", s, again)
		}
	})
}

// TestSealTells: an object with the resource's fingerprint has no differences, and after
// the change of one value exactly that one.
func TestSealTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &Resource{Address: Address{SandboxKind, "web"}, attrs: someAttrs(t)}
		have := Object{Labels: map[string]string{FingerprintLabel: seal(sandboxTable, r.attrs)}}
		if diffs := r.Diff(have, Facts{}); len(diffs) > 0 || !r.FingerprintComplete(have) || r.NeedsDetail(have, Facts{}) != changeableUnseen(r, Facts{}) {
			t.Fatalf("differs at once: %v", keysOf(diffs))
		}
		for a, v := range r.attrs.all() {
			other := someValue(a).Filter(func(o any) bool { return digest(o) != digest(v) }).Draw(t, "other")
			changed := &Resource{Address: r.Address, attrs: slices.Clone(r.attrs)}
			changed.attrs.set(a, other)
			diffs := changed.Diff(have, Facts{})
			if len(diffs) != 1 || diffs[0].Attr != a || !diffs[0].Unknown || changed.FingerprintComplete(have) {
				t.Fatalf("%s changed from %v to %v: %v", a.Key, v, other, keysOf(diffs))
			}
		}
	})
}

// TestSealOfEqualSpecs: order and notation of a spec do not change the fingerprint.
func TestSealOfEqualSpecs(t *testing.T) {
	a := sandbox(t, `env_vars: {A: 1, B: two}, network_allow_list: [10.0.0.0/8, 11.0.0.0/8], volumes: [{volume: x, mount_path: /x}, {volume: y, mount_path: /y}]`)
	b := sandbox(t, `volumes: [{mount_path: /y, volume: y}, {volume: x, mount_path: /x, subpath: ""}], network_allow_list: " 11.0.0.0/8,10.0.0.0/8", env_vars: {B: "two", A: "1"}`)
	same(t, "seal", seal(sandboxTable, b.attrs), seal(sandboxTable, a.attrs))
}

// TestAllSealed checks the longest fingerprint: digests are shortened to fit the label.
func TestAllSealed(t *testing.T) {
	attrs := attributes{}
	for _, a := range sealedRows() {
		attrs.set(a, "x")
	}
	s := seal(sandboxTable, attrs)
	if n := s[0] - '0'; n < 3 || len(s) > 63 {
		t.Errorf("%q: digests of %d characters are too short to trust", s, n)
	}
}

// TestShorterDigests: a fingerprint of more attributes has shorter digests, which still
// match.
func TestShorterDigests(t *testing.T) {
	r := sandbox(t, "env_vars: {A: x}")
	env := Tables[SandboxKind].find("env_vars")
	full := digest(r.attrs.get(env))
	for n := 1; n <= maxDigest; n++ {
		label := string('0'+byte(n)) + "e" + full[:n]
		have := listed(map[string]string{FingerprintLabel: label})
		if d := r.Diff(have, Facts{}); len(d) > 0 || !r.FingerprintComplete(have) {
			t.Errorf("%s: %v", label, keysOf(d))
		}
	}
}

func TestReadSealOfJunk(t *testing.T) {
	for label, want := range map[string]map[byte]string{
		"":              {},
		"x":             {},
		"0ab":           {},
		"7eabcdefg":     {}, // no fleet writes seven
		"6":             {},
		"6eabc":         {}, // cut off
		"2eabnc":        {'e': "ab"},
		"2eab\x00\xffc": {'e': "ab", 0: "\xffc"},
		"1éa":           {0xc3: "\xa9"},
	} {
		same(t, label, digestsOf(label), want)
	}
}

// TestForeignSeal: an invalid fingerprint has no digests, and does not cause replacements.
func TestForeignSeal(t *testing.T) {
	r := sandbox(t, "env_vars: {A: x}, volumes: [], ttl_minutes: 5")
	for _, label := range []string{"", "mine", "9eabcdefghi", "6eab", "-1"} {
		have := listed(map[string]string{FingerprintLabel: label})
		diffs := r.Diff(have, Facts{})
		if len(diffs) != 1 || diffs[0].Attr != ttlRow || diffs[0].Mode != AnyState {
			t.Errorf("%q: %v, want only the call that cannot be verified", label, keysOf(diffs))
		}
		if !r.NeedsDetail(have, Facts{}) || r.FingerprintComplete(have) {
			t.Errorf("%q passes for a seal", label)
		}
	}
}

// TestSealIsStable fails if a release would change the fingerprint of the same values,
// which would replace every sandbox of every fleet. Never update it.
func TestSealIsStable(t *testing.T) {
	r := parseOne(t, `
sandboxes:
  web:
    image: alpine:3.18
    env_vars: {B: two, A: "<1 & é>"}
    network_block_all: false
    network_allow_list: [10.0.0.0/8]
    domain_allow_list: [example.com]
    volumes: [{volume: cache, mount_path: /a, subpath: b}, {volume: x, mount_path: /x}]
    ttl_minutes: 90
    secrets: {TOKEN: token}
`)
	same(t, "seal", seal(sandboxTable, r.attrs), "6ibboFQXeggg3BMtafWcJzvf8KK22b_LzxZZnnWQBjRdaQLKZ_sJhdVml")
	same(t, "few", seal(sandboxTable, sandbox(t, `outbound_proxy_url: "http://x", otel_endpoint_override: "http://y", queue_timeout: 5, kvm: true`).attrs), "6pKR8V7joBILiirktb6kG2")
	same(t, "content", parseOne(t, `snapshots: {s: {name: x, image: "alpine:3.20", entrypoint: [sh], resources: {cpu: 2, memory: 4}, target: us}}`).content(), "DGdUrEG65W4mhz4E8GPycIThWPs4tjzupx_m-Rrfdh0")
	same(t, "link", digest("worker[0]"), "G3dvQCbRsAUcSnisx5YXSnp3YChh21CAMfSW8uSZkOU")
}

// TestDigestOfTexts: texts on the fast path of canonical have the digests of their JSON.
func TestDigestOfTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]*`)).Draw(t, "text")
		b, _ := json.Marshal(s)
		if got := canonical(s); string(got) != string(b) {
			t.Fatalf("%q is written as %s, not %s", s, got, b)
		}
	})
}
