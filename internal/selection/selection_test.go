package selection

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fleet/plan"
	"fleet/spec"
)

func TestReadSelectors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + name
	}
	for _, tt := range []struct {
		name   string
		values []string
		want   string // the selectors, or a part of the error
	}{
		{"none", nil, ""},
		{"addresses", []string{"sandbox.web", "volume.*"}, "sandbox.web volume.*"},
		{"a file with comments", []string{file("list", "sandbox.a\n\n# others\n sandbox.b # too\r\n")}, "sandbox.a sandbox.b"},
		{"an empty file", []string{file("empty", "# nothing\n")}, "the file has no addresses"},
		{"no file", []string{"@" + filepath.Join(dir, "none")}, "--target @"},
		{"no address", []string{"bogus.x"}, "--target: "},
	} {
		list, err := ReadSelectors(t.Context(), "--target", tt.values)
		var texts []string
		for _, s := range list {
			texts = append(texts, s.String())
		}
		if got := strings.Join(texts, " "); err == nil && got != tt.want || err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestParseActions(t *testing.T) {
	for text, want := range map[string]string{
		"create, update": "",
		"crate":          `unknown action "crate"; did you mean "create"?`,
		"no-op":          "unknown action",
		"frobnicate":     "valid actions: activate, ",
	} {
		list, err := ParseActions(strings.Split(text, ","))
		if want == "" && (err != nil || !slices.Equal(list, []plan.Action{plan.Create, plan.Update})) ||
			want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, %v; want %q", text, list, err, want)
		}
	}
}

func TestSandboxSelectors(t *testing.T) {
	sandboxes := []*plan.Object{
		{Name: "web"},
		{Name: "agent-1"},
		{Name: "agent-2"},
		{Name: "db", Object: spec.Object{Labels: map[string]string{"team": "a", "stage": "dev"}}},
	}
	for _, tt := range []struct{ args, named, selected, unmatched string }{
		{"web", "web", "web", ""},
		{"agent-*", "", "agent-1 agent-2", ""},
		{"team=a,stage=dev", "", "db", ""},
		{"team=a,stage=prod", "", "", "no sandbox has the labels team=a,stage=prod"},
		{"web *", "web", "web agent-1 agent-2 db", ""},
		{"wbe", "", "", `sandbox "wbe" not found; did you mean "web"?`},
		{"nothing-like-it", "", "", "run `fleet status --all`"},
	} {
		list, err := ParseSandboxSelectors(strings.Fields(tt.args))
		if err != nil {
			t.Fatal(err)
		}
		var named, selected []string
		for _, o := range sandboxes {
			n, s := list.Matches(o)
			if n {
				named = append(named, o.Name)
			}
			if s {
				selected = append(selected, o.Name)
			}
		}
		if strings.Join(named, " ") != tt.named || strings.Join(selected, " ") != tt.selected {
			t.Errorf("%s: named %v, selected %v", tt.args, named, selected)
		}
		err = list.UnmatchedError(sandboxes)
		if (err == nil) != (tt.unmatched == "") || err != nil && !strings.Contains(err.Error(), tt.unmatched) {
			t.Errorf("%s: %v, want %q", tt.args, err, tt.unmatched)
		}
	}
}

func TestParseSandboxSelectorsRefuses(t *testing.T) {
	for _, text := range []string{"[", "=a", "a=b,c"} {
		if _, err := ParseSandboxSelectors([]string{text}); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
