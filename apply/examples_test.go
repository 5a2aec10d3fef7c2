package apply_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/internal/emulator"
	"fleet/internal/specdoc"
	"fleet/plan"
	"fleet/spec"
)

// prerequisites holds the objects that the examples of attributes may refer to.
const prerequisites = `version: 1
name: demo
volumes:
  cache: {}
templates:
  sandboxes:
    small: {auto_stop_interval: 15}
  snapshots:
    small: {image: ubuntu:24.04}
  images:
    small: {base: ubuntu:24.04}
  volumes:
    small: {timeout: 10m}
sandboxes:
  main: {}
`

// around is a spec in which an example of a nested key is put at %s, by its parent key.
var around = map[string]string{
	"vars":                         "vars:\n  v:\n%s",
	"owns":                         "owns:\n%s",
	"removed":                      "removed:\n  -\n%s",
	"prices":                       "prices:\n%s",
	"timeouts":                     "timeouts:\n%s",
	"parallelism":                  "parallelism:\n%s",
	"hooks":                        "hooks:\n%s",
	"hooks.before_apply":           "hooks:\n  before_apply:\n%s",
	"hooks.after_apply":            "hooks:\n  after_apply:\n%s",
	"sandbox.hooks.after_create":   "sandboxes:\n  web:\n    hooks:\n      after_create:\n%s",
	"sandbox.hooks.before_destroy": "sandboxes:\n  web:\n    hooks:\n      before_destroy:\n%s",
	"moved":                        "sandboxes: {main: {}}\nmoved:\n  -\n%s",
	"image.steps":                  "images:\n  i:\n    base: ubuntu:24.04\n    steps:\n    -\n%s",
	"sandbox.files":                "sandboxes:\n  web:\n    files:\n      /etc/app.toml:\n%s",
	"sandbox.volumes":              "volumes: {cache: {}}\nsandboxes:\n  web:\n    volumes:\n    -\n%s",
}

// TestExamples reads every example of the reference and plans it for an empty
// organization. If the emulator supports it, the example is applied, too.
func TestExamples(t *testing.T) {
	kinds, keys := specdoc.Reference()
	n := 0
	var walk func(within string, topics []*specdoc.Topic)
	walk = func(within string, topics []*specdoc.Topic) {
		for _, x := range topics {
			if text := standing(x, within); text != "" {
				n++
				t.Run(x.Name, func(t *testing.T) { example(t, x, text) })
			}
			walk(x.Name, x.Topics)
		}
	}
	walk("", keys)
	walk("", kinds)
	if n < 80 {
		t.Errorf("there are only %d examples", n)
	}
}

// standing returns a spec with a topic's example; empty if there is none.
func standing(x *specdoc.Topic, within string) string {
	body := x.Example + "\n" + x.With
	kind, _, _ := strings.Cut(x.Name, ".")
	if frame, ok := around[within]; ok && x.Example != "" {
		if strings.HasPrefix(body, "from_dockerfile:") {
			frame = strings.Replace(frame, "    base: ubuntu:24.04\n", "", 1)
		}
		return strings.Replace("version: 1\nname: demo\n"+frame, "%s", indented(body, "          "), 1)
	}
	switch {
	case x.Example == "", strings.HasPrefix(within, "image.steps."): // keys of a step are a part of its example
		return ""
	case within == "":
		head := "version: 1\nname: demo\n"
		for _, line := range strings.Split(head, "\n") {
			if key, _, _ := strings.Cut(line, ":"); x.Name == key {
				head = strings.Replace(head, line+"\n", "", 1)
			}
		}
		return head + body
	case kind == "sandbox":
		return prerequisites + "  web:\n" + indented(body, "    ")
	}
	if kind == "snapshot" && !strings.Contains(body, "image:") && !strings.Contains(body, "extends:") {
		body += "\nimage: ubuntu:24.04" // which every snapshot needs
	}
	if kind == "image" && !strings.Contains(body, "base:") && !strings.Contains(body, "debian_slim:") && !strings.Contains(body, "ockerfile:") && !strings.Contains(body, "extends:") {
		body += "\nbase: ubuntu:24.04" // or another beginning, which every image needs
	}
	section := spec.Kind(kind).Section() + ":\n"
	block := section + "  web:\n" + indented(body, "    ")
	if strings.Contains(prerequisites, "\n"+section) {
		return strings.Replace(prerequisites, "\n"+section, "\n"+block, 1)
	}
	return prerequisites + block
}

func indented(text, indent string) string {
	return indent + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+indent) + "\n"
}

// pinnedExample is the version that an example pins.
const pinnedExample = "web-3f2a9c01d47e"

// exampleFiles returns a spec and the files that examples refer to, by name.
func exampleFiles(text string) map[string]string {
	return map[string]string{
		"fleet.yaml": text, "images.yaml": "images: {i: {base: ubuntu:24.04}}", "teams/a.yaml": "volumes: {a: {}}",
		"Dockerfile": "FROM ubuntu:24.04\nARG VERSION\n", "docker/Dockerfile": "FROM ubuntu:24.04\n",
		"requirements.txt": "requests\n", "app.py": "print()\n", "src/a.py": "print()\n", "config/app.toml": "port = 1\n",
		"pyproject.toml": "[project]\nname = 'a'\ndependencies = []\noptional-dependencies = {dev = ['pytest']}\n",
	}
}

// example plans a spec, and applies it.
func example(t *testing.T, x *specdoc.Topic, text string) {
	dir := t.TempDir()
	for name, text := range exampleFiles(text) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := spec.Options{}.Load(filepath.Join(dir, "fleet.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p := mustCompute(t, f, &plan.World{
		Objects: plan.Objects{spec.SnapshotKind: {
			{Name: "daytona-small", State: "active", TargetState: "active", Shared: true}, // Daytona's own
			{Name: pinnedExample, State: "active", TargetState: "active"},
		}},
		Facts: spec.Facts{Version: spec.ParseVersion("0.230.0")},
	}, plan.Options{})
	if len(p.Blocked()) > 0 {
		t.Fatalf("blocked:\n%s\n%s", story(p), text)
	}
	if !spec.ParseVersion(emulator.Version205).AtLeast(spec.ParseVersion(x.Since)) {
		return
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		d.send("POST", "/api/secret", map[string]any{"name": "api-token", "value": "v"})
		d.send("POST", "/api/snapshots", map[string]any{"name": pinnedExample, "imageName": "ubuntu:24.04"})
		p := d.plan(f, plan.Options{})
		if r := d.run(p); len(p.Blocked()) > 0 || !r.OK() {
			t.Fatalf("%s%s\n%s", outcome(r), story(p), text)
		}
		if again := d.plan(f, plan.Options{}); !again.Empty() && !slices.ContainsFunc(f.Resources, (*spec.Resource).Ephemeral) {
			t.Errorf("the plan is not empty afterwards:\n%s", story(again))
		}
	})
}
