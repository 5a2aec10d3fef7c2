package spec

import (
	"strings"
	"testing"
)

// detailed returns the sandbox web, read by id.
func detailed(t testing.TB, fields string, labels map[string]string) Object {
	t.Helper()
	return Object{Attrs: answer(t, SandboxKind, fields), Labels: labels, FullyRead: true}
}

// exported returns the attributes of the exported sandbox web, and the omissions.
func exported(t testing.TB, o Object, fleet string) (map[string]any, []string) {
	t.Helper()
	r, unsaid := ResourceFromObject(Address{SandboxKind, "web"}, "web", o, fleet, Facts{Regions: map[string]string{"us": "r1"}, Volumes: map[string]string{"cache": "v1"}})
	r.DropDefaults()
	var left []string
	for _, u := range unsaid {
		left = append(left, u.Key+": "+u.Why)
	}
	attrs := byKey(r.attrs)
	delete(attrs, "name")
	return attrs, left
}

// TestDescribe shows the exported attributes of an unowned sandbox.
func TestDescribe(t *testing.T) {
	for fields, want := range map[string]map[string]any{
		`{"user":"daytona","public":false,"autoStopInterval":15,"autoArchiveInterval":10080,"autoDeleteInterval":-5,"env":{},"volumes":[],"gpu":0}`: {},
		`{"user":"root","public":true,"autoStopInterval":0,"autoDeleteInterval":0,"target":"r1"}`: {
			"os_user": "root", "public": true, "auto_stop_interval": 0, "auto_delete_interval": 0, "target": "us",
		},
		`{"snapshot":"x","cpu":4,"memory":4,"disk":9}`: {"snapshot": "x"},
		`{"buildInfo":{"dockerfileContent":"FROM a:1"},"cpu":4,"memory":1,"gpu":1,"gpuType":"H100"}`: {
			"image": Image{Dockerfile: "FROM a:1\n"}, "resources.cpu": 4, "resources.gpu": 1, "resources.gpu_type": []string{"H100"},
		},
		`{"env":{"A":"x","B":"dtn_secret_y"},"volumes":[{"volumeId":"v1","mountPath":"/c"}]}`: {
			"env_vars": map[string]string{"A": "x"}, "volumes": []Mount{{"cache", "/c", ""}},
		},
		`{"networkAllowList":"10.0.0.0/8, 11.0.0.0/8","domainAllowList":null}`: {"network_allow_list": "10.0.0.0/8,11.0.0.0/8"},
	} {
		attrs, left := exported(t, detailed(t, fields, nil), "")
		same(t, fields, attrs, want)
		if len(left) > 0 {
			t.Errorf("%s: %q", fields, left)
		}
	}
}

func TestDescribeLabels(t *testing.T) {
	labels := map[string]string{"team": "a", "other": "x", LanguageLabel: "python", ProtectLabel: "true", RemoveLabel: "stop"}
	attrs, _ := exported(t, detailed(t, "{}", labels), "demo")
	same(t, "of nobody", attrs, map[string]any{
		"labels": map[string]string{"team": "a", "other": "x"}, "language": "python", "protect": true, "on_remove": "stop",
	})
	labels[FleetLabel], labels[KeyLabel], labels[ManagedLabelsLabel] = "demo", "web", "team,gone"
	attrs, _ = exported(t, detailed(t, "{}", labels), "demo")
	same(t, "of the fleet", attrs["labels"], any(map[string]string{"team": "a"}))
}

// TestDescribeUnsaid shows the attributes that are omitted with a reason.
func TestDescribeUnsaid(t *testing.T) {
	r := sandbox(t, "secrets: {A: one}, ttl_minutes: 5, env_vars: {A: x}")
	for name, c := range map[string]struct {
		fields string
		labels map[string]string
		want   []string
	}{
		"values": {
			`{"env":{"NO GOOD":"hunter2"},"otelEndpointOverride":"x","buildInfo":{"dockerfileContent":"FROM a:1","contextHashes":["0"]}}`,
			map[string]string{LanguageLabel: "cobol"},
			[]string{"image: it was built with uploaded files", `language: "cobol" is not allowed in a spec`, `env_vars: "NO GOOD" is not`, "otel_endpoint_override: must be"},
		},
		"the fleet's": {
			`{"env":{"A":"x"},"networkBlockAll":true}`, r.Labels("demo", nil),
			[]string{"ttl_minutes: the fleet", "network_block_all: the spec of fleet demo does not set it", "secrets: the fleet"},
		},
	} {
		_, left := exported(t, detailed(t, c.fields, c.labels), "demo")
		for i, want := range c.want {
			if len(left) != len(c.want) || !strings.HasPrefix(left[i], want) || strings.Contains(left[i], "hunter2") {
				t.Fatalf("%s: left out are %q, want %q", name, left, c.want)
			}
		}
	}
}

// TestRecall finds the attributes of a snapshot that the spec set by fingerprints.
func TestRecall(t *testing.T) {
	shown := Object{Attrs: answer(t, SnapshotKind, `{"imageName":"a:1","cpu":1,"mem":2,"disk":3,"gpu":0,"regionIds":["us"],"sandboxClass":"container"}`), FullyRead: true}
	recall := func(seals ...string) (map[string]any, bool) {
		r, _ := ResourceFromObject(Address{SnapshotKind, "base"}, "base", shown, "", Facts{})
		ok := r.TrimToFingerprints(shown, seals, Facts{})
		return byKey(r.attrs), ok
	}
	sealed := func(snapshot string) string {
		f := mustParse(t, "snapshots: {base: {"+snapshot+"}}\nsandboxes: {web: {snapshot: base}}")
		return get(t, f, "sandbox.web").Labels("demo", nil)[FingerprintLabel]
	}
	image := Image{Name: "a:1"}
	for text, want := range map[string]map[string]any{
		`image: "a:1"`: {"name": "base", "image": image},
		`image: "a:1", resources: {memory: 2}, class: container`: {"name": "base", "image": image, "resources.memory": 2, "class": "container"},
		`image: "a:1", resources: {gpu: 0}, target: us`:          {"name": "base", "image": image, "resources.gpu": 0, "target": "us"},
	} {
		got, ok := recall(sealed(text), "", sealed(text))
		if same(t, text, got, want); !ok {
			t.Errorf("%s: not found", text)
		}
	}
	got, ok := recall()
	if same(t, "without seals", got, map[string]any{"name": "base", "image": image, "resources.memory": 2, "target": "us"}); !ok {
		t.Error("without seals it is short")
	}
	if _, ok := recall(sealed(`image: "a:2"`)); ok {
		t.Error("another image was found")
	}
	if _, ok := recall(sealed(`image: "a:1"`), sealed(`image: "a:1", class: container`)); ok {
		t.Error("two contents were found in one snapshot")
	}
}

// TestImagesEnd: line breaks at the end of a Dockerfile do not change the image.
func TestImagesEnd(t *testing.T) {
	for _, end := range []string{"", "\n", "\n\n"} {
		if !imageValue.Same(Image{Dockerfile: "FROM a:1\n"}, Image{Dockerfile: "FROM a:1" + end}) {
			t.Errorf("the end %q makes a difference", end)
		}
	}
	if imageValue.Same(Image{Dockerfile: "FROM a:1\n"}, Image{Dockerfile: "FROM a:1\n", ContextHashes: []string{"0"}}) {
		t.Error("uploaded files make no difference")
	}
}
