package export

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/dotenv"
	"fleet/spec"
)

// TestEnvFile checks that the file has what was written, and that an error does
// not show a value. How a value is written is tested in internal/dotenv.
func TestEnvFile(t *testing.T) {
	values := map[string]string{"A": "007", "B": `C:\`, "C": "x\ny", "D": "-----BEGIN\nhunter2\n-----END\n"}
	file, err := EnvFile(values)
	if err != nil {
		t.Fatal(err)
	}
	if want := "A=\"007\"\nB=C:\\\nC=\"x\\ny\"\nD=\"-----BEGIN\\nhunter2\\n-----END\\n\"\n"; string(file) != want {
		t.Errorf("got %q, want %q", file, want)
	}
	read, err := dotenv.Parse(file, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range values {
		if v, _ := read.Lookup(name); v.Value != want || v.Problem != "" {
			t.Errorf("got %+v, want %q", v, want)
		}
	}
	for _, value := range []string{"hunter2\n\\", "hunter2${X}"} {
		if _, err := EnvFile(map[string]string{"A": value}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
}

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
		n := vars.refer(spec.Address{Kind: spec.SandboxKind, Key: c.block}, c.path, "value of "+c.want)
		if got := n.Content[1].Value; got != c.want || vars.values[c.want] != "value of "+c.want {
			t.Errorf("%s of %s becomes %s, want %s", c.path, c.block, got, c.want)
		}
	}
	before := maps.Clone(vars.values)
	if n := vars.refer(spec.Address{}, "env_vars.EMPTY", ""); n.Value != "" || len(vars.values) != len(before) {
		t.Error("what is empty is no secret")
	}
}

func TestNotes(t *testing.T) {
	n := &notes{}
	for _, name := range strings.Fields("a b c d e f g h i j k l a") {
		n.add(name, "left out: %s", "why")
	}
	n.add("a", "too old")
	n.say("The end.")
	want := []string{"a, b, c, d, e, f, g, h, i, j and 2 more: left out: why", "a: too old", "The end."}
	if d := cmp.Diff(want, n.lines()); d != "" {
		t.Error(d)
	}
}
