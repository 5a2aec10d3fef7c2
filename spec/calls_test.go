package spec

import (
	"fmt"
	"testing"
)

// calls returns the calls that correct the sandbox, in a short form.
func calls(t *testing.T, want string, have string, f Facts) []string {
	t.Helper()
	r := sandbox(t, want)
	o := Object{Attrs: answer(t, SandboxKind, have), FullyRead: true}
	o.Attrs.set.set(nameRow, "web")
	var list []string
	for _, c := range r.Calls(r.Diff(o, f)) {
		s := fmt.Sprintf("%s %s %v mode=%d", c.Method, c.Path, c.Attrs, c.Mode)
		if c.Body != nil {
			s += fmt.Sprint(" ", c.Body)
		}
		list = append(list, s)
	}
	return list
}

func TestCalls(t *testing.T) {
	const size = `image: "a:1", resources: {cpu: 2, memory: 4, disk: 10}`
	const sized = `"buildInfo":{"dockerfileContent":"FROM a:1\n"}`
	tests := []struct {
		name, want, have string
		calls            []string
	}{
		{"nothing", "public: true", `{"public":true}`, nil},
		{"not managed", "", `{"public":true,"autoStopInterval":1,"networkBlockAll":true}`, nil},
		{"public", "public: true", `{}`, []string{"POST public/true [public] mode=0"}},
		{
			"intervals, in the order of the table",
			"auto_delete_interval: -1, auto_stop_interval: 0, auto_archive_interval: 0, auto_pause_interval: 9", `{}`,
			[]string{
				"POST autostop/0 [auto_stop_interval] mode=0", "POST autopause/9 [auto_pause_interval] mode=0",
				"POST autoarchive/0 [auto_archive_interval] mode=0", "POST autodelete/-1 [auto_delete_interval] mode=0",
			},
		},
		{"secrets", "secrets: {B: y, A: x}", `{}`, []string{"PUT secrets [secrets] mode=0 map[secrets:[map[A:x] map[B:y]]]"}},
		{"no secrets", "secrets: {}", `{}`, []string{"PUT secrets [secrets] mode=0 map[secrets:[]]"}},
		{"ttl", "ttl_minutes: 0", `{}`, []string{"POST ttl/0 [ttl_minutes] mode=0"}},
		{
			"growing while started", size, `{"cpu":1,"memory":2,"disk":10,` + sized + `}`,
			[]string{"POST resize [resources.cpu resources.memory] mode=1 map[cpu:2 memory:4]"},
		},
		{
			"one shrinks", size, `{"cpu":1,"memory":8,"disk":10,` + sized + `}`,
			[]string{"POST resize [resources.cpu resources.memory] mode=2 map[cpu:2 memory:4]"},
		},
		{
			"the other shrinks", size, `{"cpu":4,"memory":2,"disk":10,` + sized + `}`,
			[]string{"POST resize [resources.cpu resources.memory] mode=2 map[cpu:2 memory:4]"},
		},
		// A started sandbox refuses a disk, even an equal one.
		{"only what differs is resized", size, `{"cpu":2,"memory":2,"disk":10,` + sized + `}`, []string{"POST resize [resources.memory] mode=1 map[memory:4]"}},
		{"the disk grows", size, `{"cpu":1,"memory":4,"disk":5,` + sized + `}`, []string{"POST resize [resources.cpu resources.disk] mode=2 map[cpu:2 disk:10]"}},
		{"the disk shrinks", size, `{"cpu":1,"memory":4,"disk":20,` + sized + `}`, []string{"POST resize [resources.cpu] mode=1 map[cpu:2]"}},
		{"no call for it", "os_user: root, env_vars: {A: x}", `{}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same(t, "calls", calls(t, tt.want, tt.have, Facts{}), tt.calls)
		})
	}
}

// TestNetworkCalls: a call resets the fields that it omits (api.md 4.3), so equal
// attributes are sent together with those that differ.
func TestNetworkCalls(t *testing.T) {
	tests := []struct {
		name, want, have string
		calls            []string
	}{
		{
			"a list", "network_allow_list: [10.0.0.0/8]", `{"networkBlockAll":false}`,
			[]string{"POST network-settings [network_allow_list] mode=0 map[networkAllowList:10.0.0.0/8]"},
		},
		{
			"the list again, the block goes", "network_block_all: false, network_allow_list: [10.0.0.0/8]", `{"networkBlockAll":true,"networkAllowList":"10.0.0.0/8"}`,
			[]string{"POST network-settings [network_block_all] mode=0 map[networkAllowList:10.0.0.0/8 networkBlockAll:false]"},
		},
		{
			"the block comes, the list goes", `network_block_all: true, network_allow_list: ""`, `{"networkBlockAll":false,"networkAllowList":"10.0.0.0/8"}`,
			[]string{"POST network-settings [network_block_all network_allow_list] mode=0 map[networkAllowList: networkBlockAll:true]"},
		},
		{
			"all at once", "network_allow_list: [10.0.0.0/8], domain_allow_list: [a.io]", `{}`,
			[]string{"POST network-settings [network_allow_list domain_allow_list] mode=0 map[domainAllowList:a.io networkAllowList:10.0.0.0/8]"},
		},
		{
			"clearing", "network_allow_list: [], domain_allow_list: []", `{"networkAllowList":"10.0.0.0/8","domainAllowList":"a.io"}`,
			[]string{"POST network-settings [network_allow_list domain_allow_list] mode=0 map[domainAllowList: networkAllowList:]"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same(t, "calls", calls(t, tt.want, tt.have, Facts{}), tt.calls)
		})
	}
}

// TestDomainsLeaveTheRestAlone: domains are independent of the other settings.
// Sending network_block_all too would clear a list that another client set and the spec
// does not manage.
func TestDomainsLeaveTheRestAlone(t *testing.T) {
	same(t, "calls",
		calls(t, "network_block_all: false, domain_allow_list: [a.io]", `{"networkAllowList":"10.0.0.0/8"}`, Facts{}),
		[]string{"POST network-settings [domain_allow_list] mode=0 map[domainAllowList:a.io]"})
}

// TestUnverifiedCalls: a write-only attribute without a fingerprint is sent by a call, but
// does not cause a replacement.
func TestUnverifiedCalls(t *testing.T) {
	r := sandbox(t, "ttl_minutes: 5, secrets: {A: x}, snapshot: s")
	have := listed(nil)
	have.Attrs.set.set(snapshotRow, "s")
	r.attrs.set(contentRow, "content")
	r.prepared = nil
	same(t, "diff", keysOf(r.Diff(have, Facts{})), []string{"ttl_minutes", "secrets"})
	have.Labels = r.Labels("demo", nil)
	same(t, "diff of the sealed one", keysOf(r.Diff(have, Facts{})), nil)
	r.attrs.set(contentRow, "other content")
	r.prepared = nil
	diffs := r.Diff(have, Facts{})
	same(t, "diff of another content", keysOf(diffs), []string{"snapshot content"})
	if len(diffs) == 1 && diffs[0].Mode != RequiresReplace {
		t.Errorf("another content takes mode %d", diffs[0].Mode)
	}
}

func TestLinks(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  a: {}
  b: {linked_sandbox: a, ephemeral: true}
`)
	b := get(t, f, "sandbox.b")
	same(t, "links", b.Links(), map[string]string{"linkedSandbox": "a"})
	same(t, "links of a", get(t, f, "sandbox.a").Links(), map[string]string{})
	if _, sent := b.CreateBody(Facts{})["linkedSandbox"]; sent {
		t.Error("a key of the spec is sent where the API wants an id")
	}
}

func TestPlace(t *testing.T) {
	f := facts("")
	tests := []struct {
		r      *Resource
		region string
		want   map[string]any
	}{
		{sandbox(t, ""), "us", map[string]any{"name": "web", "target": "region-1"}},
		{sandbox(t, ""), "elsewhere", map[string]any{"name": "web", "target": "elsewhere"}},
		{sandbox(t, ""), "", map[string]any{"name": "web"}},
		{sandbox(t, "target: eu"), "us", map[string]any{"name": "web", "target": "eu"}},
		{parseOne(t, `snapshots: {s: {image: "a:1"}}`), "us", map[string]any{"name": "s", "imageName": "a:1", "regionId": "region-1"}},
		{parseOne(t, `volumes: {v: {}}`), "us", map[string]any{"name": "v"}},
	}
	for _, tt := range tests {
		body := tt.r.CreateBody(f)
		tt.r.SetRegion(body, tt.region, f)
		same(t, tt.r.String()+" in "+tt.region, body, tt.want)
	}
}

// TestBodiesAreNotShared: a caller's change of a body must not change the resource or the
// next body.
func TestBodiesAreNotShared(t *testing.T) {
	r := sandbox(t, "volumes: [{volume: b, mount_path: /b}, {volume: a, mount_path: /a}], env_vars: {A: x}")
	before := digest(byKey(r.attrs))
	r.CreateBody(facts(""))["volumes"] = nil
	r.Diff(Object{FullyRead: true}, facts(""))
	r.Labels("demo", nil)
	if digest(byKey(r.attrs)) != before {
		t.Error("the resource has changed")
	}
}
