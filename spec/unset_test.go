package spec

import (
	"slices"
	"strings"
	"testing"
)

// parseUnset parses a spec that may refer to $X, which is not set.
func parseUnset(text string, u Unset) (*Fleet, error) {
	return Options{Unset: u}.Parse(Source{"fleet.yaml", []byte("version: 1\nname: demo\nenv: [X]\n" + text)})
}

// TestUnsetAttributes reads each attribute with a value that is not set. It is
// unknown then, or it is needed to read the spec.
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

// unknown checks that the attribute has no value, and is neither compared nor
// sent.
func unknown(t *testing.T, f *Fleet, err error, a *Attribute) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	r := f.Resources[0]
	if r.Attrs[a] != nil || !slices.Contains(r.Unset(), a.Key) {
		t.Errorf("it has %v, and %v are unknown", r.Attrs[a], r.Unset())
	}
	if compared := a.Role != Option && !a.CreateOnly; slices.Contains(r.Uncompared(), a.Key) != compared {
		t.Errorf("not compared are %v", r.Uncompared())
	}
	if slices.ContainsFunc(r.managed(), func(m managed) bool { return m.Attribute == a }) {
		t.Error("it is compared")
	}
	if want := "$X (" + f.Unset()[0].Pos.String() + ")"; f.UnsetNames() != want {
		t.Errorf("not set is %s, want %s", f.UnsetNames(), want)
	}
}

// TestUnsetPlaces refers to a value that is not set in every way that there is.
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
			web := f.Of(SandboxKind)[0]
			if got := strings.Join(web.Unset(), ","); got != c.unset {
				t.Errorf("unknown is %q, want %q", got, c.unset)
			}
			if _, err := parseUnset(c.spec, UnsetNothing); err == nil && c.unset != "" {
				t.Error("nothing is wrong where everything has to be set")
			}
		})
	}
}
