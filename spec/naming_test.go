package spec

import (
	"strings"
	"testing"
)

// namesOf returns the names of a spec's resources by address.
func namesOf(t *testing.T, environment, text string) map[string]string {
	t.Helper()
	f, err := Options{Environment: environment}.Parse(Source{"fleet.yaml", []byte("version: 1\nname: demo\n" + text)})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	names := map[string]string{}
	for _, r := range f.Resources {
		names[r.String()] = r.Name()
	}
	return names
}

func TestNamingRules(t *testing.T) {
	const boxes = `
sandboxes:
  web: {}
  given: {name: front}
  worker: {count: 2}
  region: {for_each: [eu]}
snapshots: {base: {image: "alpine:3.20"}}
volumes: {cache: {}}
`
	plain := map[string]string{
		"sandbox.web": "web", "sandbox.given": "front", "sandbox.worker[0]": "worker-0", "sandbox.worker[1]": "worker-1",
		"sandbox.region[eu]": "region-eu", "snapshot.base": "base", "volume.cache": "cache",
	}
	made := func(prefix, suffix string) map[string]string {
		names := map[string]string{}
		for a, name := range plain {
			if names[a] = name; strings.HasPrefix(a, "sandbox.") && name != "front" {
				names[a] = prefix + name + suffix
			}
		}
		return names
	}
	environments := "environments: {dev: {}, prod: {name_prefix: p-}, bare: {name_prefix: null}}\n"
	for _, c := range []struct {
		environment, text string
		want              map[string]string
	}{
		{"", boxes, plain},
		{"", "name_prefix: dev-\n" + boxes, made("dev-", "")},
		{"", "name_suffix: -dev\n" + boxes, made("", "-dev")},
		{"", "name_prefix: '${fleet.name}.'\nname_suffix: -x\n" + boxes, made("demo.", "-x")},
		{"", "defaults: {sandboxes: {name_prefix: d-}}\n" + boxes, made("d-", "")},
		{"", "name_prefix: t-\ndefaults: {sandboxes: {name_prefix: d-}}\n" + boxes, made("d-", "")},
		{"", "name_prefix: t-\ndefaults: {sandboxes: {name_prefix: null}}\n" + boxes, plain},
		{"", "name_prefix: t-\ndefaults: {sandboxes: {name_prefix: ''}}\n" + boxes, plain},
		{"dev", "name_prefix: '${fleet.environment}-'\n" + environments + boxes, made("dev-", "")},
		{"prod", "name_prefix: '${fleet.environment}-'\n" + environments + boxes, made("p-", "")},
		{"bare", "name_prefix: '${fleet.environment}-'\n" + environments + boxes, plain},
		{"", "name_prefix: '${fleet.environment:-none}-'\n" + environments + boxes, made("none-", "")},
		{"prod", "defaults: {sandboxes: {name_suffix: -s}}\n" + environments + boxes, made("p-", "-s")},
		{"", "name_prefix: 7\n" + boxes, made("7", "")},
	} {
		same(t, c.environment+" "+c.text, namesOf(t, c.environment, c.text), c.want)
	}
}

// TestNamingRulesOfBlocks: templates and blocks may have their own prefix and suffix. One
// that refers to the copy replaces the index in the name.
func TestNamingRulesOfBlocks(t *testing.T) {
	same(t, "names", namesOf(t, "", `
name_prefix: all-
templates:
  sandboxes:
    numbered: {name_suffix: ".${index}"}
sandboxes:
  own: {name_prefix: mine-}
  bare: {name_prefix: null}
  worker: {extends: numbered, count: 2}
  region:
    for_each: {eu: {zone: a}}
    name_prefix: ${each.value.zone}-
    name_suffix: -${each.key}
`), map[string]string{
		"sandbox.own": "mine-own", "sandbox.bare": "bare", "sandbox.worker[0]": "all-worker.0", "sandbox.worker[1]": "all-worker.1",
		"sandbox.region[eu]": "a-region-eu",
	})
}

// TestNamesOfRulesSurge: a generated name is not explicit, so that the sandbox may
// alternate between two names.
func TestNamesOfRulesSurge(t *testing.T) {
	f := mustParse(t, "name_prefix: dev-\nsandboxes: {worker: {count: 1}, given: {name: front}}\n")
	same(t, "other name", f.Resources[0].AlternateName(), "dev-worker-0.next")
	same(t, "other name of a given one", f.Resources[1].AlternateName(), "")
}

func TestNamingMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"name_prefix: '<b>'\nsandboxes: {web: {}}":                                                    "its name \"<b>web\" looks like HTML",
		"name_prefix: ' '\nsandboxes: {web: {}}":                                                      "change name_prefix",
		"name_suffix: \"\\t\"\nsandboxes: {web: {}}":                                                  "change name_suffix",
		"name_prefix: '${index}-'\nsandboxes: {web: {}}":                                              "${index} has a value only with count or for_each",
		"name_prefix: [a]\nsandboxes: {web: {}}":                                                      "expected text",
		"name_prefix:\nsandboxes: {web: {}}":                                                          "expected text, got nothing",
		"name_prefix: {from_env: PREFIX}\nsandboxes: {web: {}}":                                       "cannot be part of a name",
		"name_prefix: a\n---\nname_prefix: b":                                                         "conflicts with name_prefix at fleet.yaml:3",
		"name_suffix: '-${each.value}'\nsandboxes: {w: {for_each: {a: x, b: x}}}":                     "names are unique",
		"name_suffix: '${each.value}'\nsandboxes: {w: {for_each: {a: x, b: ' '}}}":                    "starts or ends with a blank",
		"sandboxes: {web: {+name_prefix: a}}":                                                         "only lists can be appended to",
		"snapshots: {base: {image: 'alpine:3.20', name_prefix: a}}":                                   "unknown key",
		"defaults: {volumes: {name_prefix: a}}":                                                       "unknown key",
		"name_prefx: a":                                                                               `did you mean "name_prefix"?`,
		"name_prefix: d-\nsandboxes: {web: {name_prefix: null}, other: {name: web}}":                  "is already used by",
		"environments: {dev: {sandboxes: {web: {name_prefix: '${each.key}'}}}}\nsandboxes: {web: {}}": "",
	} {
		_, err := Options{Lookup: itself}.Parse(Source{"fleet.yaml", []byte("version: 1\nname: demo\n" + text + "\n")})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	agreeing := "version: 1\nname: demo\nname_prefix: a-\n---\nname_prefix: a-\nsandboxes: {web: {}}\n"
	f, err := Parse(Source{"fleet.yaml", []byte(agreeing)})
	if err != nil || f.Resources[0].Name() != "a-web" {
		t.Errorf("two parts that agree: %v", err)
	}
}

// TestNamingRulesAreEncoded: a resolved spec has the same names, with their origin.
func TestNamingRulesAreEncoded(t *testing.T) {
	text := `version: 1
name: demo
name_prefix: dev-
name_suffix: -x
sandboxes:
  web: {}
  given: {name: front}
  worker: {count: 2}
  numbered: {count: 2, labels: {shard: "${index}"}, name_suffix: "-${index}"}
  region: {for_each: {eu: {zone: a}, us: {zone: b}}, labels: {zone: "${each.value.zone}"}}
`
	for _, explain := range []bool{false, true} {
		f, err := Options{Explain: explain}.Parse(Source{"fleet.yaml", []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := f.WriteYAML(&b); err != nil {
			t.Fatal(err)
		}
		again, err := Parse(Source{"again.yaml", []byte(b.String())})
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		for i, r := range f.Resources {
			if i >= len(again.Resources) || again.Resources[i].Name() != r.Name() || again.Resources[i].Address != r.Address {
				t.Fatalf("explain %v: %s is written otherwise:\n%s", explain, r.Address, b.String())
			}
		}
		if explain {
			same(t, "origin", f.Resources[0].Origin(nameRow), "name_prefix, fleet.yaml:3:14; name_suffix, fleet.yaml:4:14")
		}
	}
}
