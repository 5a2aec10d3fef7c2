package spec

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything is a spec that uses all language features, without secrets.
const everything = `version: 1
name: shop-${fleet.environment:-dev}
target: us
vars:
  size: 2
  regions: [eu, us]
  machines: {default: {big: {idle: 60, tags: [a]}, small: {idle: 5, tags: [b, c]}}}
defaults:
  sandboxes: {labels: {team: core, cost: "${var.size}0"}, auto_archive_interval: 60}
templates:
  sandboxes:
    idle: {auto_stop_interval: 15, network_allow_list: [10.0.0.0/8]}
    worker:
      extends: idle
      snapshot: base
      labels: {role: worker, cost: null}
      volumes: [{volume: data, mount_path: /data}]
volumes:
  data: {}
  own: {count: "${var.size}"}
images:
  py: {debian_slim: "3.12", steps: [{env: {HOME_BIN: "$${HOME}/bin"}}]}
snapshots:
  base: {image: py}
  lang: {for_each: {a: "3.11", b: "3.12"}, image: "python:${each.value}-slim"}
environments:
  prod:
    vars: {size: 3}
    sandboxes: {worker: {auto_stop_interval: 0}, gone: {enabled: false}}
sandboxes:
  worker:
    extends: worker
    count: ${var.size}
    +volumes: [{volume: "own-${index}", mount_path: /own}]
    +network_allow_list: 11.0.0.0/8
    auto_archive_interval: null
  alike: {extends: idle, count: 2, snapshot: base}
  regional: {for_each: "${var.regions}", name: "r-${each.key}-x", target: "${each.value}"}
  machine:
    for_each: ${var.machines}
    auto_stop_interval: ${each.value.idle}
    labels: {first: "${each.value.tags.0}", literal: "$${index}", both: "${var.size}-${index}"}
  plain: {name: one, labels: {from: "${fleet.name}"}}
  gone: {}
`

// TestResolvedSpecMeansTheSame: a resolved spec describes the same fleet, and resolves to
// itself.
func TestResolvedSpecMeansTheSame(t *testing.T) {
	for _, environment := range []string{"", "prod"} {
		o := Options{Environment: environment, Explain: true}
		first, err := o.Parse(Source{"fleet.yaml", []byte(everything)})
		if err != nil {
			t.Fatal(err)
		}
		text := encoded(t, Encoder{}, first)
		second, err := Options{Explain: true}.Parse(Source{"fleet.yaml", []byte(text)})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		same(t, "resources", meanings(second), meanings(first))
		same(t, "resolved again", encoded(t, Encoder{}, second), text)
	}
}

func encoded(t *testing.T, e Encoder, f *Fleet) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.Encode(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// meanings returns the attributes of each resource.
func meanings(f *Fleet) map[string]map[string]any {
	all := map[string]map[string]any{"": {"name": f.Name, "owns": f.Owns, "removed": f.Removed}}
	for _, r := range f.Resources {
		all[r.String()] = byKey(r.attrs)
		all[r.String()]["(size)"] = r.GroupSize
	}
	return all
}

// TestOrigins checks the origins of values.
func TestOrigins(t *testing.T) {
	f, err := Options{Environment: "prod", Explain: true}.Parse(Source{"fleet.yaml", []byte(everything)})
	if err != nil {
		t.Fatal(err)
	}
	origins := map[string]string{}
	for _, r := range f.Resources {
		for _, a := range Tables[r.Kind] {
			if o := r.Origin(a); o != "" {
				origins[r.String()+" "+a.Key] = o
			}
		}
	}
	for what, want := range map[string]string{
		"sandbox.worker[0] auto_stop_interval":    "environment prod, fleet.yaml:29:46",
		"sandbox.worker[0] count":                 "${var.size}, fleet.yaml:33:12",
		"sandbox.worker[0] volumes":               "fleet.yaml:34:15; template worker, fleet.yaml:17:16",
		"sandbox.worker[0] labels":                "template worker, fleet.yaml:16:15; defaults, fleet.yaml:9:23",
		"sandbox.alike[1] network_allow_list":     "template idle, fleet.yaml:12:56",
		"sandbox.regional[eu] target":             "${each.value}, fleet.yaml:38:75",
		"sandbox.plain name":                      "fleet.yaml:43:17",
		"sandbox.worker[0] auto_archive_interval": "",
		"snapshot.lang[a] image":                  "python:${each.value}-slim, fleet.yaml:25:51",
	} {
		if d := cmp.Diff(want, origins[what]); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	text := encoded(t, Encoder{Comment: (*Resource).Origin}, f)
	if !strings.Contains(text, "auto_stop_interval: 0 # environment prod, fleet.yaml:29:46\n") {
		t.Errorf("the origins are not beside the values:\n%s", text)
	}
}
