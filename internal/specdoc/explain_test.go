package specdoc

import (
	"strings"
	"testing"

	"fleet/spec"
)

func TestExplain(t *testing.T) {
	for path, want := range map[string]string{
		"sandbox":                              "sandbox",
		"sandboxes":                            "sandbox",
		"sandboxes.web":                        "sandbox",
		"sandboxes.worker[3]":                  "sandbox",
		"sandbox.public":                       "sandbox.public",
		"sandboxes.public":                     "sandbox.public",
		"sandboxes.web.public":                 "sandbox.public",
		"sandboxes.worker[eu.west].public":     "sandbox.public",
		"public":                               "sandbox.public",
		"entrypoint":                           "snapshot.entrypoint",
		"resources":                            "sandbox.resources",
		"resources.cpu":                        "sandbox.resources.cpu",
		"gpu_type":                             "sandbox.resources.gpu_type",
		"sandbox.volumes.mount_path":           "sandbox.volumes.mount_path",
		"sandboxes.web.volumes[2].subpath":     "sandbox.volumes.subpath",
		"sandboxes.web.+volumes":               "sandbox.volumes",
		"defaults":                             "defaults",
		"defaults.sandboxes":                   "defaults.sandboxes",
		"defaults.sandboxes.public":            "sandbox.public",
		"templates.snapshots.base.image":       "snapshot.image",
		"environments":                         "environments",
		"environments.prod":                    "environments",
		"environments.prod.target":             "target",
		"environments.prod.sandboxes.web.name": "sandbox.name",
		"images":                               "image",
		"images.python.steps[0].pip_install":   "image.steps.pip_install",
		"vars":                                 "vars",
		"vars.size":                            "vars",
		"vars.size.one_of":                     "vars.one_of",
		"volumes":                              "volume",
		"removed[0].from":                      "removed.from",
		"name":                                 "name",
	} {
		topic, err := Explain(path)
		if err != nil || topic.Name != want {
			t.Errorf("%s is explained as %v, %v, want %s", path, topic, err, want)
		}
	}
	for path, want := range map[string]string{
		"":                       "there is no kind, key or attribute",
		"sandbx":                 `did you mean "sandbox"?`,
		"publick":                `did you mean "public"?`,
		"foo":                    "run `fleet explain` for a list",
		"sandbox.publick":        `sandbox has no "publick"; did you mean "public"?`,
		"sandboxes.publick":      `sandbox has no "publick"; did you mean "public"?`,
		"sandboxes.web.publick":  `did you mean "public"?`,
		"sandbox.resources.cpus": `sandbox.resources has no "cpus"; did you mean "cpu"?`,
		"sandbox.public.x":       "it has no keys",
		"vars.typ":               `did you mean "type"?`,
		"owns.sandboxes":         "its keys are snapshots, volumes",
	} {
		if topic, err := Explain(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %s", path, topic, err, want)
		}
	}
}

// TestReferenceIsComplete: each attribute can be explained.
func TestReferenceIsComplete(t *testing.T) {
	for kind, table := range spec.Tables {
		for _, a := range table {
			topic, err := Explain(string(kind) + "." + a.Key)
			if a.Role != spec.Derived && (err != nil || topic.Doc != a.Doc) {
				t.Errorf("%s of a %s: %v", a.Key, kind, err)
			}
		}
	}
}
