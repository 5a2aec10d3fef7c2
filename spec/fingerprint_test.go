package spec

import (
	"fmt"
	"strings"
	"testing"
)

func fleetOf(t testing.TB, text string) *Fleet {
	t.Helper()
	f, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFingerprint(t *testing.T) {
	first := fleetOf(t, "sandboxes: {web: {public: true, env_vars: {A: secret}}, db: {}}").Fingerprint()
	again := "# a comment\nsandboxes:\n  web:\n    env_vars: {A: secret}\n    public: true\n  db: {}\n"
	if fleetOf(t, again).Fingerprint() != first {
		t.Errorf("%s is another spec", again)
	}
	for _, other := range []string{
		"sandboxes: {web: {public: true, env_vars: {A: other}}, db: {}}",
		"sandboxes: {web: {public: true, env_vars: {A: secret}}}",
		"sandboxes: {web: {public: true, env_vars: {A: secret}}, db: {protect: true}}",
		"sandboxes: {web: {public: true, env_vars: {A: secret}}, db: {}}\nowns: {volumes: ['x-*']}",
		"sandboxes: {web: {public: true, env_vars: {A: secret}}, db: {}}\nmoved: [{from: sandbox.a, to: sandbox.web}]",
		"sandboxes: {web: {public: true, env_vars: {A: secret}}, db: {}}\nremoved: [{from: sandbox.a, destroy: false}]",
	} {
		if fleetOf(t, other).Fingerprint() == first {
			t.Errorf("%s is the same spec", other)
		}
	}
}

func TestChanged(t *testing.T) {
	const was = "snapshots: {base: {image: 'a:1'}, gone: {image: 'a:1', name: the-gone}}\nsandboxes: {web: {snapshot: base}, same: {}, old: {}, many: {count: 2}}"
	for _, test := range []struct{ now, want string }{
		{was, ""},
		{"sandboxes: {many: {count: 2}, old: {}, same: {}, web: {snapshot: base}}\nsnapshots: {gone: {image: 'a:1', name: the-gone}, base: {image: 'a:1'}}", ""},
		{strings.Replace(was, "old: {}", "old: {public: true}", 1), "sandbox.old"},
		{strings.Replace(was, "count: 2", "count: 3", 1), "sandbox.many[2]"},
		{strings.Replace(was, "base: {image: 'a:1'}", "base: {image: 'a:2'}", 1), "snapshot.base sandbox.web"},
		{strings.Replace(was, ", gone: {image: 'a:1', name: the-gone}", "", 1), "snapshot.gone snapshot.the-gone"},
		{strings.Replace(was, ", old: {}", "", 1) + "\nremoved: [{from: sandbox.old, destroy: false}]", "sandbox.old"},
	} {
		got := strings.Trim(fmt.Sprint(fleetOf(t, test.now).ChangedAddresses(fleetOf(t, was))), "[]")
		if strings.Count(test.want, "[") > 0 {
			got += "]"
		}
		if got != test.want {
			t.Errorf("%s\nhas changed in %q, want %q", test.now, got, test.want)
		}
	}
	renamed := fleetOf(t, was)
	renamed.Name = "other"
	if n := len(renamed.ChangedAddresses(fleetOf(t, was))); n != len(renamed.Resources) {
		t.Errorf("under another name %d have changed", n)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	f := fleetOf(b, "sandboxes: {web: {count: 10000, snapshot: daytona-small, env_vars: {A: b, C: d}, labels: {x: y}, auto_stop_interval: 15}}")
	for b.Loop() {
		f.Fingerprint()
	}
}

// TestResourceFingerprints: a digest changes with the resource and what it depends on. It
// is too short to confirm a guessed secret.
func TestResourceFingerprints(t *testing.T) {
	const text = "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base, env_vars: {A: secret}}, db: {}}"
	web, db, gone := Address{SandboxKind, "web"}, Address{SandboxKind, "db"}, Address{SandboxKind, "gone"}
	digests := func(text string) map[Address]string {
		return fleetOf(t, text).ResourceFingerprints([]Address{web, db, gone})
	}
	first := digests(text)
	if len(first) != 3 || len(first[web]) != 4 || first[gone] != "" || first[web] == first[db] {
		t.Errorf("%v", first)
	}
	for old, changed := range map[string]string{"A: secret": "A: other", "a:1": "a:2", "snapshot: base": "public: true"} {
		if now := digests(strings.Replace(text, old, changed, 1)); now[web] == first[web] || now[db] != first[db] {
			t.Errorf("%s: %v, was %v", changed, now, first)
		}
	}
}

// TestFingerprintOfSavedPlans: plans that were saved by earlier versions have these
// fingerprints.
func TestFingerprintOfSavedPlans(t *testing.T) {
	const text = "\nvolumes: {c: {}}\nsandboxes:\n  x: {snapshot: daytona-small, volumes: [{volume: c, mount_path: /c}]}\n"
	same(t, "fingerprint", fleetOf(t, text).Fingerprint(), "sha256:9431e7cab1c6141a79f30a8859d6b68db50908334f485947a6b575966e7e75d7")
}
