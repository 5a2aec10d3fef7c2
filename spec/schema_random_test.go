package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// TestSchemaAcceptsRandomSpecs: what can be read as a spec, the schema accepts.
func TestSchemaAcceptsRandomSpecs(t *testing.T) {
	const enough = 200
	s := compiled(t)
	texts := rapid.Custom(randomSpec)
	accepted := map[string]bool{} // the keys that came up in specs that can be read
	for seed, n := 0, 0; n < enough; seed++ {
		if seed > 20*enough {
			t.Fatalf("of %d random specs only %d can be read", seed, n)
		}
		text := texts.Example(seed)
		f, err := Options{Environment: "prod", Lookup: itself}.Parse(Source{"fleet.yaml", []byte(text)})
		if err != nil {
			continue
		}
		n++
		if err := validate(t, s, []byte(text)); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, r := range f.Resources {
			for a := range r.attrs {
				accepted[string(r.Kind)+" "+a.Key] = true
			}
		}
	}
	for kind, table := range Tables {
		for _, a := range table {
			if folded := a.Role == Derived || a.Structural || a == ephemeralRow; !folded && !accepted[string(kind)+" "+a.Key] {
				t.Errorf("no spec that can be read says %s of a %s", a.Key, kind)
			}
		}
	}
}

// TestSchemaAcceptsRandomTexts does the same for texts with odd values.
func TestSchemaAcceptsRandomTexts(t *testing.T) {
	s := compiled(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := []byte(randomText(rt))
		if _, err := Parse(Source{"fleet.yaml", text}); err != nil {
			rt.Skip(err)
		}
		if err := validate(t, s, text); err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
	})
}

// itself finds in an environment variable its own name, so that a reference to
// it stands for that. X and values of variables are not set.
func itself(name string) (string, bool) {
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
			under(root, "defaults")[section] = randomBlock(rt, kind, func(a *Attribute) bool { return !a.PerResource })
		}
		if chance(rt, 3) {
			under(under(root, "templates"), section)["small"] = randomBlock(rt, kind, func(a *Attribute) bool { return a != extendsRow })
		}
		for i := range rapid.IntRange(1, 2).Draw(rt, section) {
			under(root, section)[fmt.Sprintf("%s-%d", kind, i)] = randomBlock(rt, kind, func(*Attribute) bool { return true })
		}
		if chance(rt, 4) {
			under(prod, section)[string(kind)+"-0"] = randomBlock(rt, kind, func(a *Attribute) bool { return !a.Structural })
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
func tablesInOrder() func(func(Kind, Table) bool) {
	return func(yield func(Kind, Table) bool) {
		for _, kind := range slices.Sorted(maps.Keys(Tables)) {
			if !yield(kind, Tables[kind]) {
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

// randomBlock says some attributes of a kind.
func randomBlock(rt *rapid.T, kind Kind, may func(*Attribute) bool) tree {
	block := tree{}
	if kind == SnapshotKind {
		block["image"] = "a:1"
	}
	for _, a := range Tables[kind] {
		if a.Role != Derived && may(a) && chance(rt, 20) {
			for key, v := range parsed(rt, a.Example+"\n"+a.With) {
				block[key] = v
			}
			say(block, a, randomValue(rt, a))
		}
	}
	return block
}

// say puts a value under the key of an attribute, or appends it.
func say(block tree, a *Attribute, v any) {
	keys := strings.Split(a.Key, ".")
	for _, k := range keys[:len(keys)-1] {
		block = under(block, k)
	}
	block[keys[len(keys)-1]] = v
	if _, list := v.([]any); list && a.Type.join != nil && len(a.Key)%2 == 0 {
		delete(block, keys[len(keys)-1])
		block[appendPrefix+keys[len(keys)-1]] = v
	}
}

// randomValue is a value of an attribute in one of the ways to say one.
func randomValue(rt *rapid.T, a *Attribute) any {
	var v any = parsed(rt, a.Example)
	for _, k := range strings.Split(a.Key, ".") {
		v = v.(tree)[k]
	}
	choices := []any{v, v, v, v, v, v, v, v, nil}
	for _, word := range a.Type.Values {
		choices = append(choices, word)
	}
	switch said := v.(type) {
	case int:
		choices = append(choices, "${var.number}")
		if a.Check != nil && a != countRow { // which would make many
			choices = append(choices, a.Check.schema["minimum"], a.Check.schema["maximum"])
		}
	case bool:
		choices = append(choices, !said, "${var.yes}")
	case string:
		choices = append(choices, "${env.X:-"+said+"}", tree{"from_env": v})
		if a.Type.Name == text.Name && a.Check != httpURL && a.Ref == "" {
			choices = append(choices, 5)
		}
	case []any:
		choices = append(choices, "${var.list}")
	}
	return rapid.SampledFrom(choices).Draw(rt, a.Key)
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
