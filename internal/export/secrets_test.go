package export

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/spec"
)

func TestVariables(t *testing.T) {
	vars := newVariables()
	for _, c := range []struct{ block, path, want string }{
		{"web", "env_vars.TOKEN", "FLEET_WEB_TOKEN"},
		{"web", "env_vars.a.b-c", "FLEET_WEB_A_B_C"},
		{"web-a", "env_vars.B_C", "FLEET_WEB_A_B_C_2"},
		{"web_a", "env_vars.B.C", "FLEET_WEB_A_B_C_3"},
		{"web", "outbound_proxy_url", "FLEET_WEB_OUTBOUND_PROXY_URL"},
		{"var", "env_vars.X", "FLEET_SANDBOX_VAR_X"},
	} {
		n := vars.referTo(spec.Address{Kind: spec.SandboxKind, Key: c.block}, c.path, "value of "+c.want)
		if got := n.Content[1].Value; got != c.want || vars.values[c.want] != "value of "+c.want {
			t.Errorf("%s of %s becomes %s, want %s", c.path, c.block, got, c.want)
		}
	}
	before := maps.Clone(vars.values)
	if n := vars.referTo(spec.Address{}, "env_vars.EMPTY", ""); n.Value != "" || len(vars.values) != len(before) {
		t.Error("what is empty is no secret")
	}
}

func TestNotes(t *testing.T) {
	n := &notes{}
	for _, name := range strings.Fields("a b c d e f g h i j k l a") {
		n.add(name, "left out: %s", "why")
	}
	n.add("a", "too old")
	n.addGeneral("The end.")
	want := []string{"a, b, c, d, e, f, g, h, i, j and 2 more: left out: why", "a: too old", "The end."}
	if d := cmp.Diff(want, n.lines()); d != "" {
		t.Error(d)
	}
}
