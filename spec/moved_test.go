package spec

import (
	"testing"

	"pgregory.net/rapid"
)

const moves = `
moved:
  - {from: sandbox.a, to: sandbox.b}
  - {from: sandbox.b, to: sandbox.c}
  - {from: sandbox.worker, to: sandbox.pool}
  - {from: "sandbox.worker[3]", to: sandbox.special}
  - {from: "sandbox.pool[9]", to: sandbox.last}
  - {from: sandbox.single, to: "sandbox.many[0]"}
  - {from: fleet.shop}
  - {from: fleet.store, to: fleet.demo}
removed:
  - {from: sandbox.old, destroy: false}
  - {from: "sandbox.job[eu]", destroy: false}
  - {from: volume.tmp-kept, destroy: false}
owns: {volumes: [tmp-*]}
sandboxes: {c: {}, pool: {count: 2}, special: {}, last: {}, many: {count: 1}}
`

func at(key string) Address { return Address{SandboxKind, key} }

func TestNow(t *testing.T) {
	f := mustParse(t, moves)
	for was, now := range map[string]string{
		"a": "c", "b": "c", "c": "c", "x": "x",
		"worker[0]": "pool[0]", "worker[eu]": "pool[eu]", "worker": "pool", "worker[3]": "special", "worker[9]": "last",
		"worker-1": "worker-1", "a[0]": "c[0]", "single": "many[0]", "single[1]": "single[1]",
	} {
		same(t, was, f.CurrentAddress(at(was)), at(now))
	}
	same(t, "another kind", f.CurrentAddress(Address{VolumeKind, "a"}), Address{VolumeKind, "a"})
}

func TestIs(t *testing.T) {
	f := mustParse(t, moves)
	for name, want := range map[string]bool{"demo": true, "shop": true, "store": true, "mall": false, "": false} {
		same(t, name, f.HasName(name), want)
	}
}

func TestReleases(t *testing.T) {
	f := mustParse(t, moves)
	for key, want := range map[string]bool{"old": true, "old[3]": true, "older": false, "job[eu]": true, "job[us]": false, "job": false, "c": false} {
		same(t, key, f.IsReleased(at(key)), want)
	}
	same(t, "a volume that is let go is not owned", f.Owned(VolumeKind, "tmp-kept"), false)
	same(t, "another is", f.Owned(VolumeKind, "tmp-other"), true)
}

// TestNowEnds: following moves ends at an address without a move, and moves of groups keep
// the index of copies.
func TestNowEnds(t *testing.T) {
	f := mustParse(t, moves)
	key := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"a", "b", "c", "worker", "pool", "single", "many", "special", "x"}).Draw(t, "key") +
			rapid.SampledFrom([]string{"", "[0]", "[1]", "[3]", "[9]", "[eu]"}).Draw(t, "index")
	})
	rapid.Check(t, func(t *rapid.T) {
		one, other := at("worker"+key.Draw(t, "one")), at("worker"+key.Draw(t, "other"))
		if now := f.CurrentAddress(one); f.CurrentAddress(now) != now {
			t.Fatalf("%s is %s now, and that is %s", one, now, f.CurrentAddress(now))
		}
		if one != other && one.GroupAddress() == other.GroupAddress() && f.CurrentAddress(one) == f.CurrentAddress(other) {
			t.Fatalf("%s and %s are both %s", one, other, f.CurrentAddress(one))
		}
	})
}

// TestMovedAnywhere: name may be in a later file than moved.
func TestMovedAnywhere(t *testing.T) {
	f, err := Parse(
		Source{"a.yaml", []byte("moved: [{from: fleet.old, to: fleet.demo}, {from: sandbox.a, to: sandbox.b}]\n")},
		Source{"b.yaml", []byte("version: 1\nname: demo\nsandboxes: {b: {}}\n")},
	)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "formerly", f.FormerNames, []string{"old"})
	same(t, "moved", f.Moved, []Move{{at("a"), at("b"), Position{"a.yaml", 1, 44}}})
}
