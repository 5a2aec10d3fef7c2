package spec

import (
	"encoding/json"
	"strings"
	"testing"

	"fleet/internal/jsonobject"
)

func TestDiffs(t *testing.T) {
	f := facts("0.205.0")
	f.MaxAutoArchive = 1000
	const image = `"buildInfo":{"dockerfileContent":"FROM a:1\n"}`
	tests := []struct {
		name, want, have string
		facts            Facts
		diff             []string
	}{
		{"nothing is managed", "", `{"user":"x","env":{"A":"1"},"public":true,"target":"y","cpu":9,"volumes":[{"volumeId":"v"}],"snapshot":"s"}`, f, nil},
		{"state is not compared", "state: stopped", `{"state":"started"}`, f, nil},
		{"absent flag", "public: false", `{}`, f, nil},
		{"null flag", "public: false", `{"public":null}`, f, nil},
		{"absent text", "os_user: root", `{}`, f, []string{"os_user"}},
		{"null text", "os_user: root", `{"user":null}`, f, []string{"os_user"}},
		{"null map", "env_vars: {}", `{"env":null}`, f, nil},
		{"numbers in a map", "env_vars: {A: 1, B: true_, C: 'null'}", `{"env":{"A":1,"B":"true_","C":null}}`, f, nil},
		{"foreign variable", "env_vars: {A: 1}", `{"env":{"A":"1","B":"2"}}`, f, []string{"env_vars"}},
		{"fraction", "auto_stop_interval: 15", `{"autoStopInterval":15.0}`, f, nil},
		{"absent number is not zero", "auto_stop_interval: 0", `{}`, f, []string{"auto_stop_interval"}},
		{"zero is not absent", "auto_stop_interval: 0", `{"autoStopInterval":0}`, f, nil},

		{"archive 0 is the longest", "auto_archive_interval: 0", `{"autoArchiveInterval":43200}`, Facts{}, nil},
		{"archive is cut", "auto_archive_interval: 99999", `{"autoArchiveInterval":43200}`, Facts{}, nil},
		{"archive 0, longest known", "auto_archive_interval: 0", `{"autoArchiveInterval":1000}`, f, nil},
		{"archive is cut to the known", "auto_archive_interval: 43200", `{"autoArchiveInterval":1000}`, f, nil},
		{"archive below", "auto_archive_interval: 999", `{"autoArchiveInterval":1000}`, f, []string{"auto_archive_interval"}},
		{"archive 0 is not the default", "auto_archive_interval: 0", `{"autoArchiveInterval":10080}`, Facts{}, []string{"auto_archive_interval"}},

		{"region by name", "target: us", `{"target":"region-1"}`, f, nil},
		{"region by id", "target: region-1", `{"target":"region-1"}`, f, nil},
		{"unknown regions", "target: us", `{"target":"us"}`, Facts{}, nil},
		{"another region", "target: us", `{"target":"region-2"}`, f, []string{"target"}},

		{"image by what it builds", `image: "a:1"`, `{` + image + `}`, f, nil},
		{"no image", `image: "a:1"`, `{"snapshot":"s"}`, f, []string{"image"}},
		{"no GPU", `image: "a:1", resources: {gpu: 0}`, `{` + image + `}`, f, nil},
		{"a GPU of the list", `image: "a:1", ephemeral: true, resources: {gpu: 1, gpu_type: [H100, H200]}`, `{"gpu":1,"gpuType":"H200","autoDeleteInterval":0,` + image + `}`, f, nil},
		{"GPUs as a list", `image: "a:1", ephemeral: true, resources: {gpu: 1, gpu_type: H100}`, `{"gpu":1,"gpuType":["H100"],"autoDeleteInterval":0,` + image + `}`, f, nil},
		{"a GPU not of the list", `image: "a:1", ephemeral: true, resources: {gpu: 1, gpu_type: H100}`, `{"gpu":1,"gpuType":"H200","autoDeleteInterval":0,` + image + `}`, f, []string{"resources.gpu_type"}},

		{"mounts by name", "volumes: [{volume: cache, mount_path: /a}]", `{"volumes":[{"volumeId":"volume-1","mountPath":"/a"}]}`, f, nil},
		{"mounts by id", "volumes: [{volume: volume-1, mount_path: /a}]", `{"volumes":[{"volumeId":"volume-1","mountPath":"/a","subpath":null}]}`, f, nil},
		{"another subpath", "volumes: [{volume: cache, mount_path: /a}]", `{"volumes":[{"volumeId":"volume-1","mountPath":"/a","subpath":"b"}]}`, f, []string{"volumes"}},

		{"list in another order", "network_allow_list: [10.0.0.0/8, 11.0.0.0/8]", `{"networkAllowList":" 11.0.0.0/8, 10.0.0.0/8 "}`, f, nil},
		{"null list", "network_allow_list: []", `{"networkAllowList":null}`, f, nil},
		{"list that nobody checked", "network_allow_list: []", `{"networkAllowList":"junk"}`, f, []string{"network_allow_list"}},
		{"domains in capitals", "domain_allow_list: [a.io]", `{"domainAllowList":"A.io"}`, f, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Object{Attrs: answer(t, SandboxKind, tt.have), FullyRead: true}
			o.Attrs.set.set(nameRow, "web")
			same(t, "diff", keysOf(sandbox(t, tt.want).Diff(o, tt.facts)), tt.diff)
		})
	}
}

func TestSnapshotDiffs(t *testing.T) {
	f := facts("0.205.0")
	tests := []struct {
		name, want, have string
		diff             []string
	}{
		{"pulled", ``, `{"imageName":"a:1"}`, nil},
		{"built instead", ``, `{"imageName":"","buildInfo":{"dockerfileContent":"FROM a:1\n"}}`, []string{"image"}},
		{"another tag", ``, `{"imageName":"a:2"}`, []string{"image"}},
		{"mem", `, resources: {memory: 4}`, `{"imageName":"a:1","mem":4,"memory":1}`, nil},
		{"spread to more regions", `, target: us`, `{"imageName":"a:1","regionIds":["region-2","region-1"]}`, nil},
		{"regions are not known yet", `, target: us`, `{"imageName":"a:1"}`, nil},
		{"another region", `, target: us`, `{"imageName":"a:1","regionIds":["region-2"]}`, []string{"target"}},
		{"entrypoint", `, entrypoint: [sh]`, `{"imageName":"a:1","entrypoint":["sh"]}`, nil},
		{"entrypoint is missing", `, entrypoint: [sh]`, `{"imageName":"a:1","entrypoint":null}`, []string{"entrypoint"}},
		{"entrypoint of the image", ``, `{"imageName":"a:1","entrypoint":["sh"]}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := parseOne(t, `snapshots: {s: {image: "a:1"`+tt.want+`}}`)
			o := Object{Attrs: answer(t, SnapshotKind, tt.have), FullyRead: true}
			o.Attrs.set.set(snapshotNameRow, "s")
			same(t, "diff", keysOf(r.Diff(o, f)), tt.diff)
		})
	}
}

// TestEmptyLists: the server drops blank words and treats an empty list as none, so that
// its value would always differ.
func TestEmptyLists(t *testing.T) {
	for _, text := range []string{
		`snapshots: {s: {image: "a:1", entrypoint: []}}`,
		`snapshots: {s: {image: "a:1", entrypoint: [sh, ""]}}`,
		`sandboxes: {s: {image: "a:1", ephemeral: true, resources: {gpu: 1, gpu_type: []}}}`,
	} {
		if _, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + text)}); err == nil || !strings.Contains(err.Error(), "must not") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestLinkOfDetail: the spec has a link by key, the response by id.
func TestLinkOfDetail(t *testing.T) {
	f := mustParse(t, "sandboxes: {owner: {}, web: {linked_sandbox: owner, ephemeral: true}}")
	r := get(t, f, "sandbox.web")
	o := Object{
		Attrs:     answer(t, SandboxKind, `{"name":"web","autoDeleteInterval":0,"linkedSandboxId":"`+link1+`"}`),
		Labels:    r.Labels("demo", nil),
		FullyRead: true,
	}
	same(t, "diff", keysOf(r.Diff(o, Facts{Sandboxes: map[string]string{"owner": link1}})), nil)
	same(t, "another", keysOf(r.Diff(o, Facts{Sandboxes: map[string]string{"owner": link2}})), []string{"linked_sandbox"})
}

// TestNoMounts: no mounts in the spec and in the object are no difference.
func TestNoMounts(t *testing.T) {
	for _, have := range []string{`[]`, `null`} {
		o := Object{Attrs: answer(t, SandboxKind, `{"name":"web","volumes":`+have+`}`), FullyRead: true}
		same(t, have, keysOf(sandbox(t, "volumes: []").Diff(o, Facts{})), nil)
	}
}

// TestSnapshotByID: requests accept the id of a snapshot, responses have its name.
func TestSnapshotByID(t *testing.T) {
	_, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes: {web: {snapshot: " + link1 + "}}\n")})
	if err == nil {
		t.Error("an id of a snapshot is accepted, and can never be had")
	}
}

// TestListedSince: servers from 0.205 on include network settings in lists, older and
// unknown ones only in single objects.
func TestListedSince(t *testing.T) {
	r := sandbox(t, "network_block_all: true, network_allow_list: []")
	have := listed(map[string]string{FingerprintLabel: seal(sandboxTable, attributes{{blockAllRow, true}, {allowListRow, ""}})})
	have.Attrs.set.set(blockAllRow, false)
	have.Attrs.set.set(allowListRow, "")
	for version, want := range map[string][]string{
		"": nil, "0.190.0": nil, "0.204.9": nil, "0.205.0": {"network_block_all"}, "0.220.1": {"network_block_all"}, "1.0.0": {"network_block_all"},
	} {
		same(t, version, keysOf(r.Diff(have, facts(version))), want)
	}
	have.FullyRead = true
	same(t, "by itself", keysOf(r.Diff(have, Facts{})), []string{"network_block_all"})
}

// TestNoSeal: without a fingerprint, attributes that lists omit count as equal, and the
// object is read by id if that shows them.
func TestNoSeal(t *testing.T) {
	for attributes, look := range map[string]bool{
		"":                             false,
		"public: true":                 false,
		"ttl_minutes: 5":               false,
		"secrets: {A: x}":              false,
		"env_vars: {A: x}":             true,
		"volumes: []":                  true,
		`image: "a:1"`:                 true,
		"network_block_all: false":     true,
		"kvm: false":                   true,
		"labels: {a: x}":               false,
		"language: python":             false,
		"ephemeral: true":              false,
		"env_vars: {}, labels: {}":     true,
		"outbound_proxy_url: http://x": true,
	} {
		r := sandbox(t, attributes)
		have := listed(nil)
		if got := r.NeedsDetail(have, Facts{}); got != look {
			t.Errorf("%s: needs detail is %v, want %v", attributes, got, look)
		}
		for _, d := range r.Diff(have, Facts{}) {
			if d.Mode == RequiresReplace {
				t.Errorf("%s: replaced on no evidence", attributes)
			}
		}
	}
	r := sandbox(t, "network_block_all: false")
	if r.NeedsDetail(listed(nil), facts("0.205.0")) {
		t.Error("lists of 0.205 tell")
	}
	if r := parseOne(t, `snapshots: {s: {image: "a:1"}}`); r.NeedsDetail(Object{}, Facts{}) || !r.FingerprintComplete(Object{}) {
		t.Error("snapshots have no seal")
	}
}

// TestSealed: a fingerprint is complete if it covers the spec's attributes. It may cover
// more.
func TestSealed(t *testing.T) {
	with := sandbox(t, "env_vars: {A: x}, volumes: []")
	have := listed(with.Labels("demo", nil))
	for attributes, want := range map[string]bool{
		"env_vars: {A: x}, volumes: []": true,
		"env_vars: {A: x}":              true,
		"":                              true,
		"env_vars: {A: y}":              false,
		"env_vars: {A: x}, volumes: [], ttl_minutes: 5": false,
	} {
		if got := sandbox(t, attributes).FingerprintComplete(have); got != want {
			t.Errorf("%s: sealed is %v, want %v", attributes, got, want)
		}
	}
}

// TestSizes checks the mode of each change of a size.
func TestSizes(t *testing.T) {
	const image = `"name":"web","buildInfo":{"dockerfileContent":"FROM a:1\n"}`
	for _, tt := range []struct {
		key, have string
		want      ChangeMode
	}{
		{"cpu", `"cpu":1`, StartedOrStopped},
		{"cpu", `"cpu":3`, StoppedOnly},
		{"memory", `"memory":1`, StartedOrStopped},
		{"memory", `"memory":3`, StoppedOnly},
		{"disk", `"disk":1`, StoppedOnly},
		{"disk", `"disk":3`, RequiresReplace},
	} {
		r := sandbox(t, `image: "a:1", resources: {`+tt.key+`: 2}`)
		o := Object{Attrs: answer(t, SandboxKind, `{`+tt.have+`,`+image+`}`), FullyRead: true}
		diffs := r.Diff(o, Facts{})
		if len(diffs) != 1 || diffs[0].Mode != tt.want || (diffs[0].Rule == "") != (tt.want == StartedOrStopped) {
			t.Errorf("%s to 2: %+v, want mode %d", tt.have, diffs, tt.want)
		}
	}
}

// TestReadErrors: a response with a field of the wrong type is an error, not a difference.
func TestReadErrors(t *testing.T) {
	for field, value := range map[string]string{"public": `"yes"`, "cpu": `"1"`, "env": `[]`, "volumes": `{}`, "networkAllowList": `[]`, "name": `1`, "gpuType": `{}`} {
		if _, err := sandboxTable.Read(jsonobject.Of(map[string]json.RawMessage{field: json.RawMessage(value)})); err == nil {
			t.Errorf("%s: %s is read", field, value)
		}
	}
}

// TestFormatChange: maps are formatted by the entries that differ, secrets by placeholders.
func TestFormatChange(t *testing.T) {
	env, labels := sandboxTable.find("env_vars"), labelsRow
	have, want := map[string]string{"A": "1", "B": secret, "C": "3"}, map[string]string{"A": "1", "B": "other", "D": "4"}
	for _, tt := range []struct {
		a          *Attribute
		have, want string
	}{
		{env, "{B=(hidden) C=(hidden)}", "{B=(changed) D=(changed)}"},
		{labels, "{B=hunter2 C=3}", "{B=other D=4}"},
	} {
		h, w := Diff{Attr: tt.a, Have: have, Want: want, secret: tt.a.Secret}.Format()
		same(t, tt.a.Key, [2]string{h, w}, [2]string{tt.have, tt.want})
	}
	h, w := Diff{Attr: env, Want: want, secret: true}.Format()
	same(t, "unknown before", [2]string{h, w}, [2]string{"(none)", "{A=(changed) B=(changed) D=(changed)}"})
}
