package spec

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// parseUnset parses a spec that may refer to $X, which is not set.
func parseUnset(text string, u Unset) (*Fleet, error) {
	return Options{Unset: u}.Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nenv: [X]\n" + text)})
}

// TestUnsetAttributes reads each attribute with a variable that is not set. Its value is
// then unknown, or an error if it is needed to read the spec.
func TestUnsetAttributes(t *testing.T) {
	for kind, list := range examples {
		for _, x := range list {
			t.Run(string(kind)+" "+x.key, func(t *testing.T) {
				value := x.key + `: "${env.X}"`
				if above, key, nested := strings.Cut(x.key, "."); nested {
					value = above + ": {" + key + `: "${env.X}"}`
				}
				text := kind.Section() + ": {web: {" + strings.Trim(x.with+", "+value, ", ") + "}}"
				if _, err := parseUnset(text, UnsetNothing); err == nil || !strings.Contains(err.Error(), "env.X is not set") {
					t.Fatalf("where everything has to be set: %v", err)
				}
				f, err := parseUnset(text, UnsetEnvironment)
				if a := Tables[kind].find(x.key); a.deferrable() {
					unknown(t, f, err, a)
				} else if err == nil || !strings.Contains(err.Error(), "env.X is not set") {
					t.Fatalf("a value that is needed: %v", err)
				}
			})
		}
	}
}

// unknown checks that the attribute has no value, is not compared and not sent.
func unknown(t *testing.T, f *Fleet, err error, a *Attribute) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	r := f.Resources[0]
	if r.attrs.get(a) != nil || !slices.Contains(r.Unset(), a.Key) {
		t.Errorf("it has %v, and %v are unknown", r.attrs.get(a), r.Unset())
	}
	if compared := a.Role != Option && !a.CreateOnly; slices.Contains(r.UncomparedUnset(), a.Key) != compared {
		t.Errorf("not compared are %v", r.UncomparedUnset())
	}
	if slices.ContainsFunc(r.managed(), func(m managedAttribute) bool { return m.Attribute == a }) {
		t.Error("it is compared")
	}
	if want := "$X (" + f.Unset()[0].Pos.String() + ")"; f.UnsetSummary() != want {
		t.Errorf("not set is %s, want %s", f.UnsetSummary(), want)
	}
}

// TestUnsetPlaces refers to variables that are not set in every possible way.
func TestUnsetPlaces(t *testing.T) {
	for _, c := range []struct{ name, spec, unset string }{
		{"an entry of a mapping", `sandboxes: {web: {env_vars: {A: b, T: {from_env: X}}}}`, "env_vars"},
		{"within a text", `sandboxes: {web: {env_vars: {T: "a ${env.X} b"}}}`, "env_vars"},
		{"a reason", `sandboxes: {web: {env_vars: {T: "${env.X:?why}"}}}`, "env_vars"},
		{"a default that is not set either", `sandboxes: {web: {env_vars: {T: {from_env: Y, default: {from_env: X}}}}}`, "env_vars"},
		{"defaults", "defaults: {sandboxes: {env_vars: {T: {from_env: X}}}}\nsandboxes: {web: {env_vars: {A: b}}}", "env_vars"},
		{"a template", "templates: {sandboxes: {t: {labels: {a: \"${env.X}\"}}}}\nsandboxes: {web: {extends: t, labels: {b: c}}}", "labels"},
		{"taken back", "defaults: {sandboxes: {env_vars: {T: {from_env: X}}}}\nsandboxes: {web: {env_vars: null}}", ""},
		{"covered", "defaults: {sandboxes: {os_user: \"${env.X}\"}}\nsandboxes: {web: {os_user: me}}", ""},
		{"a default that stands in", `sandboxes: {web: {env_vars: {T: "${env.X:-b}"}}}`, ""},
		{"a copy", `sandboxes: {web: {count: 1, env_vars: {T: "${index} ${env.X}"}}}`, "env_vars"},
		{"a value of for_each", `sandboxes: {web: {for_each: {a: {t: {from_env: X}}}, env_vars: {T: "${each.value.t}"}}}`, "env_vars"},
		{"a variable", "vars: {v: \"${env.X}\"}\nsandboxes: {web: {labels: {a: \"${var.v}\"}}}", "labels"},
		{"a variable of a variable", "vars: {v: \"${env.X}\", w: \"${var.v}\"}\nsandboxes: {web: {labels: {a: \"${var.w}\"}}}", "labels"},
		{"an image", "images: {i: {base: \"debian:12\", steps: [{env: {T: \"${env.X}\"}}]}}\nsandboxes: {web: {image: i}}", "image"},
		{"a snapshot's content", "snapshots: {s: {image: \"a:1\", resources: {cpu: \"${env.X}\"}}}\nsandboxes: {web: {snapshot: s}}", "snapshot content"},
		{"a hook", `sandboxes: {web: {hooks: {before_destroy: {run: "echo ${env.X}"}}}}`, "hooks.before_destroy"},
		{"beside what goes with it", `sandboxes: {web: {image: "a:1", ephemeral: true, resources: {gpu: "${env.X}", gpu_type: [H100]}}}`, "resources.gpu"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := parseUnset(c.spec, UnsetEnvironment)
			if err != nil {
				t.Fatal(err)
			}
			web := f.OfKind(SandboxKind)[0]
			if got := strings.Join(web.Unset(), ","); got != c.unset {
				t.Errorf("unknown is %q, want %q", got, c.unset)
			}
			if _, err := parseUnset(c.spec, UnsetNothing); err == nil && c.unset != "" {
				t.Error("nothing is wrong where everything has to be set")
			}
		})
	}
}

// TestUnsetLeaves uses a variable that is not set in every place of every example. The
// only error may be that it is not set.
func TestUnsetLeaves(t *testing.T) {
	all := maps.Clone(examples)
	dockerfiles(t)
	for _, a := range imageTable {
		if !a.Structural {
			all[ImageKind] = append(all[ImageKind], example{key: a.Key, with: a.With, one: a.Example})
		}
	}
	for _, k := range stepKeys {
		one := "steps:\n  - " + strings.ReplaceAll(k.Example, "\n", "\n    ")
		all[ImageKind] = append(all[ImageKind], example{key: k.Name, with: "base: 'a:1'", one: one})
	}
	tried := 0
	for kind, list := range all {
		for _, x := range list {
			eachLeaf(t, x, func(block *yaml.Node) {
				tried++
				text, err := yaml.Marshal(map[string]any{kind.Section(): map[string]any{"web": block}})
				if err != nil {
					t.Fatal(err)
				}
				_, err = parseUnset(string(text), UnsetEnvironment)
				var ms Diagnostics
				if err != nil && !errors.As(err, &ms) {
					t.Fatal(err)
				}
				needed := slices.ContainsFunc(ms, func(m *Diagnostic) bool { return strings.Contains(m.Message, "env.X is not set") })
				if len(ms) > 0 && !needed {
					t.Errorf("%s %s: %v in\n%s", kind, x.key, ms, text)
				}
			})
		}
	}
	if tried < 100 {
		t.Errorf("only %d places were tried", tried)
	}
}

// eachLeaf calls try with the block of an example, once for each of its scalar values,
// with the value replaced by a reference to a variable that is not set.
func eachLeaf(t *testing.T, x example, try func(block *yaml.Node)) {
	t.Helper()
	shown, beside := blockOf(t, x.one), blockOf(t, x.with)
	block := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: slices.Concat(beside.Content, shown.Content)}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, c := range n.Content {
			isKey := n.Kind == yaml.MappingNode && i%2 == 0
			if c.Kind == yaml.ScalarNode && !isKey {
				was := *c
				*c = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: "${env.X}"}
				try(block)
				*c = was
			} else if !isKey {
				walk(c)
			}
		}
	}
	walk(shown)
}

// blockOf parses the keys of a block in block or flow style.
func blockOf(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		doc = yaml.Node{}
		if err := yaml.Unmarshal([]byte("{"+text+"}"), &doc); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return doc.Content[0]
}
