package export

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
	"pgregory.net/rapid"

	"fleet/spec"
)

// TestEnvFile holds the file to what readers of .env files make of it.
func TestEnvFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ab0 \n\r\\"'$!{}#=]*`))
		values := rapid.MapOfN(rapid.StringMatching("FLEET_[A-Z0-9_]+"), text, 1, 3).Draw(rt, "values")
		file, err := EnvFile(values)
		if err != nil {
			if !slices.ContainsFunc(slices.Collect(maps.Values(values)), func(v string) bool { return strings.Trim(v, `"'\`) != v }) {
				rt.Fatal(err)
			}
			return
		}
		read, err := godotenv.Parse(bytes.NewReader(file))
		if d := cmp.Diff(values, read); err != nil || d != "" {
			rt.Fatalf("%v (-want +got):\n%s\n%s", err, d, file)
		}
	})
	for value, want := range map[string]string{
		"007": "A=\"007\"\n", `C:\`: "A=C:\\\n", "x\ny": `A="x\ny"` + "\n",
	} {
		if got, err := EnvFile(map[string]string{"A": value}); string(got) != want || err != nil {
			t.Errorf("%q is written as %q, %v", value, got, err)
		}
	}
	if _, err := EnvFile(map[string]string{"A": "hunter2\n\\"}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
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
