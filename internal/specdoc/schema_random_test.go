package specdoc

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"fleet/spec"
)

// TestSchemaAcceptsRandomSpecs checks that the schema accepts what can be read as a spec.
func TestSchemaAcceptsRandomSpecs(t *testing.T) {
	const enough = 200
	s := compiled(t)
	t.Chdir(t.TempDir())
	for _, file := range []string{"Dockerfile", "docker/Dockerfile", "config/app.toml"} { // of the examples
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("FROM a:1\nARG VERSION\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	texts := rapid.Custom(randomSpec)
	accepted := map[string]bool{} // the keys that came up in specs that can be read
	for seed, n := 0, 0; n < enough; seed++ {
		if seed > 20*enough {
			t.Fatalf("of %d random specs only %d can be read", seed, n)
		}
		text := texts.Example(seed)
		f, err := spec.Options{Environment: "prod", Lookup: ownName}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
		if err != nil {
			continue
		}
		n++
		if err := validate(t, s, []byte(text)); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, i := range f.Images() {
			f.Resources = append(f.Resources, i.Resource)
		}
		for _, r := range f.Resources {
			for a := range r.Attrs().All() {
				accepted[string(r.Kind)+" "+a.Key] = true
			}
		}
	}
	for kind, table := range spec.Tables {
		for _, a := range table {
			if folded := a.Role == spec.Derived || a.Structural || a.Key == "ephemeral"; !folded && !accepted[string(kind)+" "+a.Key] {
				t.Errorf("no spec that can be read says %s of a %s", a.Key, kind)
			}
		}
	}
}

// TestSchemaAcceptsRandomTexts does the same for odd environment variables.
func TestSchemaAcceptsRandomTexts(t *testing.T) {
	s := compiled(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := []byte(randomSandboxes(rt))
		if _, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: text}); err != nil {
			rt.Skip(err)
		}
		if err := validate(t, s, text); err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
	})
}

// ownName finds in an environment variable its own name, so that a reference to
// it stands for that. X and values of variables are not set.
func ownName(name string) (string, bool) {
	return name, name != "X" && !strings.HasPrefix(name, "FLEET_VAR_")
}

// A tree is a mapping of a random spec.
type tree = map[string]any

// randomSpec is the text of a spec in all its layers, which need not make
// sense together.
func randomSpec(rt *rapid.T) string {
	root := tree{"version": 1, "name": "demo", "vars": tree{"number": 7, "yes": true, "word": "x", "list": []string{"a", "b"}}, "env": []string{"X"}}
	root["volumes"], root["templates"] = tree{"cache": nil}, tree{"sandboxes": tree{"small": tree{}}, "snapshots": tree{"small": tree{}}, "volumes": tree{"small": tree{}}}
	root["sandboxes"] = tree{"main": nil}
	prod := tree{}
	for kind := range tablesInOrder() {
		section := kind.Section()
		if chance(rt, 3) {
			under(root, "defaults")[section] = randomBlock(rt, kind, func(a *spec.Attribute) bool { return !a.PerResource })
		}
		if chance(rt, 3) {
			under(under(root, "templates"), section)["small"] = randomBlock(rt, kind, func(a *spec.Attribute) bool { return a.Key != "extends" })
		}
		for i := range rapid.IntRange(1, 2).Draw(rt, section) {
			under(root, section)[fmt.Sprintf("%s-%d", kind, i)] = randomBlock(rt, kind, func(*spec.Attribute) bool { return true })
		}
		if chance(rt, 4) {
			under(prod, section)[string(kind)+"-0"] = randomBlock(rt, kind, func(a *spec.Attribute) bool { return !a.Structural })
		}
	}
	root["environments"] = tree{"prod": prod, "empty": nil}
	text, err := yaml.Marshal(root)
	if err != nil {
		rt.Fatal(err)
	}
	return string(text)
}

// tablesInOrder goes through the tables in one order.
func tablesInOrder() func(func(spec.Kind, spec.Table) bool) {
	return func(yield func(spec.Kind, spec.Table) bool) {
		for _, kind := range slices.Sorted(maps.Keys(spec.Tables)) {
			if !yield(kind, spec.Tables[kind]) {
				return
			}
		}
	}
}

func chance(rt *rapid.T, in int) bool { return rapid.IntRange(1, in).Draw(rt, "chance") == 1 }

// under is the mapping under a key, made where it is not there.
func under(m tree, key string) tree {
	if _, ok := m[key].(tree); !ok {
		m[key] = tree{}
	}
	return m[key].(tree)
}

// randomBlock sets some attributes of a kind.
func randomBlock(rt *rapid.T, kind spec.Kind, may func(*spec.Attribute) bool) tree {
	block := tree{}
	if kind == spec.SnapshotKind {
		block["image"] = "a:1"
	}
	for _, a := range spec.Tables[kind] {
		if a.Role != spec.Derived && may(a) && chance(rt, 20) {
			for key, v := range parsed(rt, a.Example+"\n"+a.With) {
				block[key] = v
			}
			set(block, a, randomValue(rt, a))
		}
	}
	starts := slices.DeleteFunc(spec.Exclusive(kind), func(key string) bool { return block[key] == nil })
	for i, key := range starts {
		if i > 0 && chance(rt, 2) {
			delete(block, key)
		}
	}
	if kind == spec.ImageKind && len(starts) == 0 {
		block["base"] = "a:1"
	}
	return block
}

// set sets an attribute of a block, or appends to it.
func set(block tree, a *spec.Attribute, v any) {
	keys := strings.Split(a.Key, ".")
	for _, k := range keys[:len(keys)-1] {
		block = under(block, k)
	}
	block[keys[len(keys)-1]] = v
	if _, list := v.([]any); list && a.Type.Appendable() && len(a.Key)%2 == 0 {
		delete(block, keys[len(keys)-1])
		block[spec.AppendPrefix+keys[len(keys)-1]] = v
	}
}

// randomValue returns a value of an attribute, in one of the ways to write it.
func randomValue(rt *rapid.T, a *spec.Attribute) any {
	v := exampleValue(rt, a)
	choices := []any{v, v, v, v, v, v, v, v, nil}
	for _, word := range a.Type.Values {
		choices = append(choices, word)
	}
	switch v := v.(type) {
	case int:
		choices = append(choices, "${var.number}")
		if a.Check != nil && a.Key != "count" { // which would make many
			choices = append(choices, a.Check.Schema["minimum"], a.Check.Schema["maximum"])
		}
	case bool:
		choices = append(choices, !v, "${var.yes}")
	case string:
		choices = append(choices, "${env.X:-"+v+"}", tree{"from_env": v})
		if a.Type.Name == "text" && !slices.Contains([]string{"outbound_proxy_url", "otel_endpoint_override"}, a.Key) && a.Ref == "" {
			choices = append(choices, 5)
		}
	case []any:
		choices = append(choices, "${var.list}")
	}
	return rapid.SampledFrom(choices).Draw(rt, a.Key)
}

// randomSandboxes is the text of a spec with odd environment variables, which may
// contradict itself.
func randomSandboxes(rt *rapid.T) string {
	root := tree{"version": 1, "name": "demo", "images": tree{"py": tree{"debian_slim": "3.12"}, "base": tree{"base": "a:1"}}}
	root["volumes"] = tree{"cache": tree{"name": "the cache"}, "data": nil}
	root["snapshots"] = tree{"x": tree{"name": "a/b", "image": "py"}, "y": tree{"image": "base", "entrypoint": []string{"sh"}}}
	for i := range rapid.IntRange(1, 4).Draw(rt, "sandboxes") {
		box := under(under(root, "sandboxes"), fmt.Sprintf("box%d", i))
		for _, a := range spec.Tables[spec.SandboxKind] {
			if a.Role != spec.Derived && a.With == "" && !strings.Contains(a.Key, ".") && chance(rt, 5) {
				set(box, a, exampleValue(rt, a))
			}
		}
		if rapid.Bool().Draw(rt, "counted") {
			box["count"] = rapid.IntRange(0, 3).Draw(rt, "count")
		}
		if box["env_vars"] == nil {
			box["env_vars"] = rapid.MapOfN(rapid.StringMatching("[A-Z_][A-Z0-9_.-]*"), rapid.String(), 0, 3).Draw(rt, "environment")
		}
	}
	text, err := yaml.Marshal(root)
	if err != nil {
		rt.Fatal(err)
	}
	return string(text)
}

// exampleValue is the value of the example of an attribute.
func exampleValue(rt *rapid.T, a *spec.Attribute) any {
	var v any = parsed(rt, a.Example)
	for _, k := range strings.Split(a.Key, ".") {
		v = v.(tree)[k]
	}
	return v
}

// parsedExamples holds the parsed examples of the tables: thousands of random blocks
// are made from a few hundred of them.
var parsedExamples sync.Map

// parsed returns YAML as plain values, which belong to the caller.
func parsed(rt *rapid.T, text string) tree {
	if m, ok := parsedExamples.Load(text); ok {
		return clone(m).(tree)
	}
	var m tree
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		rt.Fatal(err)
	}
	parsedExamples.Store(text, m)
	return clone(m).(tree)
}

// clone returns a deep copy of plain values.
func clone(v any) any {
	switch v := v.(type) {
	case tree:
		m := tree{}
		for key, below := range v {
			m[key] = clone(below)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = clone(item)
		}
		return list
	}
	return v
}
