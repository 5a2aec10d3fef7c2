package spec

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAddresses(t *testing.T) {
	for _, s := range []string{"sandbox.worker[3]", "snapshot.demo/base:1", "volume.a.b", "image.py"} {
		a, err := ParseAddress(s)
		if err != nil || a.String() != s {
			t.Errorf("%s is read as %v, %v", s, a, err)
		}
	}
	for _, s := range []string{"", "web", "sandbox.", ".web", "box.web", "Sandbox.web"} {
		if a, err := ParseAddress(s); err == nil {
			t.Errorf("%q is read as %v", s, a)
		}
	}
	var back []Address
	text, err := json.Marshal([]Address{{SandboxKind, "worker[3]"}})
	if err != nil || string(text) != `["sandbox.worker[3]"]` {
		t.Errorf("JSON is %s, %v", text, err)
	}
	if err := json.Unmarshal(text, &back); err != nil || back[0].Key != "worker[3]" {
		t.Errorf("read back as %v, %v", back, err)
	}
	if json.Unmarshal([]byte(`["worker"]`), &back) == nil {
		t.Error("worker is read as an address")
	}
}

func TestCompareKeys(t *testing.T) {
	want := []string{"a", "web", "worker", "worker[0]", "worker[2]", "worker[10]", "worker[100]", "worker-1", "x[1]"}
	slices.SortFunc(want, CompareKeys)
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareKeys)
	same(t, "order", got, want)
	for _, pair := range [][2]string{
		{"worker[2]", "worker[10]"},
		{"worker", "worker[0]"},
		{"a[9]", "b[1]"},
		{"agent[eu-9]", "agent[eu-10]"},
		{"agent[aaa]", "agent[b]"},
		{"web2", "web10"},
		{"web2[1]", "web10[0]"},
		{"v1.9.0", "v1.10.0"},
		{"a[007]", "a[7]"},
		{"a[07]", "a[8]"},
		{"a[07]b", "a[7]c"},
		{"a[9]", "a[99999999999999999999999]"},
		{"sandbox.a[2]", "sandbox.a[10]"},
		{"", "0"},
		{"0", "00"},
		{"agent[a]", "agent[a1]"},
		{"agent[a]", "agent[a-b]"},
	} {
		if CompareKeys(pair[0], pair[1]) >= 0 || CompareKeys(pair[1], pair[0]) <= 0 {
			t.Errorf("%s does not come before %s", pair[0], pair[1])
		}
	}
}

// TestCompareKeysOrders: the comparison is a total order of all keys.
func TestCompareKeysOrders(t *testing.T) {
	key := rapid.StringMatching(`[0-2a\[\].]{0,6}`)
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := key.Draw(rt, "a"), key.Draw(rt, "b"), key.Draw(rt, "c")
		if x, y := CompareKeys(a, b), CompareKeys(b, a); x != -y || (x == 0) != (a == b) {
			rt.Fatalf("%q and %q compare as %d, and the reverse as %d", a, b, x, y)
		}
		if CompareKeys(a, b) <= 0 && CompareKeys(b, c) <= 0 && CompareKeys(a, c) > 0 {
			rt.Fatalf("%q, %q and %q have no order", a, b, c)
		}
	})
}

func TestVersions(t *testing.T) {
	order := []Version{{}, ParseVersion("0.190.0"), ParseVersion("v0.205"), ParseVersion("0.205.1-rc1"), ParseVersion("0.220.0"), ParseVersion("1")}
	for i, v := range order {
		for j, w := range order {
			if v.AtLeast(w) != (i >= j) {
				t.Errorf("%s at least %s is %v", v, w, i < j)
			}
		}
	}
	for _, s := range []string{"", "dev", "0.x.1", "1.2.3.4", "-1"} {
		if v := ParseVersion(s); v != (Version{}) {
			t.Errorf("%q is read as %s", s, v)
		}
	}
	same(t, "String", ParseVersion("v0.205.1-rc1").String(), "0.205.1")
}
