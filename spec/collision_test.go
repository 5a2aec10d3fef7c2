package spec

import (
	"slices"
	"testing"
)

// collisions returns the codes and positions of the warnings of Collisions for a spec.
func collisions(t *testing.T, strict bool, text string) []string {
	t.Helper()
	source := Source{"fleet.yaml", []byte("version: 1\n" + text)}
	first, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	fleets := []*Fleet{first}
	for _, name := range first.Environments {
		f, err := Options{Environment: name}.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		fleets = append(fleets, f)
	}
	found := []string{}
	for _, m := range Collisions(fleets, strict) {
		if !m.Warning || m.Line == "" {
			t.Errorf("%v is no warning with a place", m)
		}
		found = append(found, m.Path+" "+m.Rule)
	}
	slices.Sort(found)
	return found
}

func TestCollisions(t *testing.T) {
	const boxes = "sandboxes: {web: {}, worker: {count: 2}}\n"
	for _, c := range []struct {
		name, text    string
		plain, strict []string
	}{
		{"one fleet for each, one name for all", "name: a\nenvironments:\n  dev: {name: a-dev}\n" + boxes, []string{"environments.dev same-names"}, nil},
		{"the others are compared, too", "name: a-${fleet.environment:-none}\nname_prefix: ${fleet.environment:-none}-\nenvironments:\n  dev: {name_prefix: x-}\n  prod: {name_prefix: x-}\n" + boxes, []string{"environments.prod same-names"}, nil},
		{"a prefix", "name: a\nenvironments:\n  dev: {name: a-dev, name_prefix: dev-}\n  prod: {}\n" + boxes, []string{}, nil},
		{"other sandboxes", "name: a\nenvironments:\n  dev: {name: a-dev, sandboxes: {web: {enabled: false}, worker: {enabled: false}, other: {}}}\n" + boxes, []string{}, nil},
		{"one sandbox is left", "name: a\nenvironments:\n  dev: {name: a-dev, sandboxes: {web: {name: w}, worker: {name: web}}}\nsandboxes: {web: {}, worker: {}}\n", []string{"environments.dev same-names"}, nil},
		{"acknowledged", "name: a\nenvironments:\n  dev: {name: a-dev} # fleet:ignore same-names\n" + boxes, []string{}, nil},
		{"acknowledged by another code", "name: a\nenvironments:\n  dev: {name: a-dev} # fleet:ignore same-fleet\n" + boxes, []string{"environments.dev same-names"}, nil},
		{"a volume is shared", "name: a\nenvironments:\n  dev: {name: b}\nvolumes: {cache: {}}\n", []string{}, nil},
		{"a snapshot is shared", "name: a\nenvironments:\n  dev: {name: b, snapshots: {base: {timeout: 2h}}}\nsnapshots: {base: {image: 'alpine:3.20'}}\n", []string{}, nil},
		{"a snapshot differs", "name: a\nenvironments:\n  dev: {name: b, snapshots: {base: {image: 'alpine:3.21'}}}\nsnapshots: {base: {image: 'alpine:3.20'}}\n", []string{"environments.dev same-names"}, nil},
		{"one fleet, and more in one of them", "name: a\nenvironments:\n  dev: {}\n  prod: {sandboxes: {worker: {count: 6}}}\n" + boxes, []string{}, []string{"environments.prod same-fleet"}},
		{"one fleet that is the same", "name: a\nenvironments:\n  dev: {}\n  prod: {}\n" + boxes, []string{}, []string{}},
		{"a single environment", "name: a\nenvironments:\n  prod: {sandboxes: {worker: {count: 6}}}\n" + boxes, []string{}, []string{}},
		{"one fleet, acknowledged", "name: a\nenvironments:\n  dev: {}\n  prod: {sandboxes: {worker: {count: 6}}} # fleet:ignore same-fleet\n" + boxes, []string{}, []string{}},
		{"no environment", "name: a\n" + boxes, []string{}, []string{}},
	} {
		same(t, c.name, collisions(t, false, c.text), c.plain)
		if c.strict == nil {
			c.strict = c.plain
		}
		same(t, c.name+", strict", collisions(t, true, c.text), c.strict)
	}
}
