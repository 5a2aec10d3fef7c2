package spec

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSet changes a resource after it was parsed. Comparison and creation must
// both use the new value, also if the comparison was prepared before.
func TestSet(t *testing.T) {
	known := facts("0.220.0")
	const web = "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {count: 2, snapshot: base, public: false, env_vars: {A: old}, auto_stop_interval: 15, network_allow_list: [10.0.0.0/8]}}"
	for _, c := range []struct {
		key       string
		value     any
		diff      string // keys that differ from the object as it was created
		api, want string // a field of the create request and its value, as fmt prints it
	}{
		{"public", true, "public", "public", "true"},
		{"auto_stop_interval", 99, "auto_stop_interval", "autoStopInterval", "99"},
		{"env_vars", map[string]string{"A": "new", "B": "${each.key}"}, "env_vars", "env", "map[A:new B:${each.key}]"},
		{"network_allow_list", "10.2.0.0/16, 10.1.0.0/16", "network_allow_list", "networkAllowList", "10.1.0.0/16,10.2.0.0/16"},
		{"volumes", []Mount{{Volume: "cache", Path: "/b"}, {Volume: "data", Path: "/a"}}, "volumes", "volumes", "[map[mountPath:/a volumeId:data] map[mountPath:/b volumeId:cache]]"},
		{"ephemeral", true, "auto_delete_interval", "autoDeleteInterval", "0"},
		{"snapshot", "other", "snapshot", "snapshot", "other"},
		{"labels", map[string]string{"team": "a"}, "labels", "", ""},
		{"timeout", 90 * time.Second, "", "", ""},
		{"ready.log", "${ready}", "", "", ""},
		{"protect", true, "protect", "", ""},
	} {
		f := mustParse(t, web)
		r, sibling := get(t, f, "sandbox.web[0]"), get(t, f, "sandbox.web[1]")
		have := created(t, r, known, true)
		if diffs := r.Diff(have, known); len(diffs) > 0 {
			t.Fatalf("a new sandbox differs in %v", keysOf(diffs))
		}
		if err := r.Set(c.key, c.value); err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		same(t, c.key+": differences", strings.Join(keysOf(r.Diff(have, known)), " "), c.diff)
		if c.api != "" {
			same(t, c.key+": create request", fmt.Sprint(r.CreateBody(known)[c.api]), c.want)
		}
		if diffs := r.Diff(created(t, r, known, true), known); len(diffs) > 0 {
			t.Errorf("%s: after the change, a new sandbox differs in %v", c.key, keysOf(diffs))
		}
		if diffs := sibling.Diff(created(t, sibling, known, true), known); len(diffs) > 0 || fmt.Sprint(sibling.CreateBody(known)[c.api]) == c.want && c.api != "" {
			t.Errorf("%s: the other copy of the group has changed too: %v", c.key, keysOf(diffs))
		}
	}
}

// TestSetProblems gives Set what it must refuse, without any effect.
func TestSetProblems(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		key   string
		value any
		want  string // part of the message
	}{
		{SandboxKind, "pubic", true, `unknown attribute; did you mean "public"?`},
		{SandboxKind, "", true, "unknown attribute"},
		{SandboxKind, "snapshot content", "x", "unknown attribute"},
		{VolumeKind, "public", true, "unknown attribute"},
		{SandboxKind, "count", 3, "cannot be set on a resource"},
		{SandboxKind, "name_prefix", "x", "cannot be set on a resource"},
		{SandboxKind, "public", "true", "expected a value of the Go type bool (true or false), got string"},
		{SandboxKind, "public", nil, "got <nil>"},
		{SandboxKind, "timeout", "5m", "expected a value of the Go type time.Duration"},
		{SandboxKind, "auto_stop_interval", -1, "-1 is out of range"},
		{SandboxKind, "state", "running", `"running" is not allowed`},
		{SandboxKind, "labels", map[string]string{"fleet-name": "x"}, "belong to fleet"},
		{SandboxKind, "env_vars", map[string]string{"from_command": "date"}, "is a reference for one variable"},
		{SandboxKind, "network_allow_list", "10.0.0.1", "is not an IPv4 network"},
		{SandboxKind, "volumes", []Mount{{Volume: "v", Path: "/etc/x"}}, "is in a system folder"},
		{SandboxKind, "ignore", []string{"state"}, "state cannot be ignored"},
		{SandboxKind, "image", Image{Name: "ubuntu"}, "needs a tag or a digest"},
		{SnapshotKind, "image", Image{Name: "ubuntu:latest"}, "has the tag latest"},
		{SandboxKind, "hooks.after_create", Hook{Timeout: time.Minute}, "a hook needs a command"},
		{SandboxKind, "rollout.max_unavailable", IntOrPercent{N: 101, Percent: true}, "is more than 100%"},
		{SandboxKind, "outbound_proxy_url", "ftp://user:password@host", "must be an http or https URL"},
	} {
		r := &Resource{Address: Address{c.kind, "web"}}
		err := r.Set(c.key, c.value)
		switch {
		case err == nil:
			t.Errorf("%s: %v is accepted", c.key, c.value)
		case !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "password"):
			t.Errorf("%s: %v: %q, want %q", c.key, c.value, err, c.want)
		case len(r.attrs) > 0:
			t.Errorf("%s: %v has left %v", c.key, c.value, r.attrs)
		}
	}
}

// TestSetEveryAttribute sets both values of each attribute as a spec produces them: they
// have the attribute's Go type and remain unchanged.
func TestSetEveryAttribute(t *testing.T) {
	for kind, list := range examples {
		for _, e := range list {
			for _, text := range []string{e.one, e.other} {
				if e.with == "" && kind == SnapshotKind && e.key != "image" {
					e.with = anImage
				}
				key := cmp.Or(e.as, e.key)
				v, ok := parseOne(t, kind.Section()+": {web: {"+strings.Trim(e.with+", "+text, ", ")+"}}").Get(key)
				if !ok {
					t.Errorf("%s: %s has no value", text, key)
					continue
				}
				r := &Resource{Address: Address{kind, "web"}}
				if err := r.Set(key, v); err != nil {
					t.Error(err)
				}
				got, _ := r.Get(key)
				same(t, text, got, v)
				r.Clear(key)
				if _, ok := r.Get(key); ok {
					t.Errorf("%s: still set after Clear", key)
				}
			}
		}
	}
}

// TestGetCopies changes what Get returns, which must not change the resource.
func TestGetCopies(t *testing.T) {
	r := sandbox(t, "labels: {a: '1'}")
	v, _ := r.Get("labels")
	v.(map[string]string)["a"] = "2"
	for _, v := range r.Attrs().All() {
		if m, ok := v.(map[string]string); ok {
			m["a"] = "3"
		}
	}
	same(t, "labels", r.attrs.get(labelsRow), any(map[string]string{"a": "1"}))
}

// TestSetSecret sets a secret after texts were already searched for the old ones.
func TestSetSecret(t *testing.T) {
	f := mustParse(t, "sandboxes: {web: {env_vars: {TOKEN: first-secret}}}")
	r := f.Resources[0]
	f.Redact("")
	r.Redact("")
	if err := r.Set("env_vars", map[string]string{"TOKEN": "second-secret"}); err != nil {
		t.Fatal(err)
	}
	for _, redacted := range []string{f.Redact("a second-secret"), r.Redact("a second-secret")} {
		if strings.Contains(redacted, "second") {
			t.Errorf("the new secret is shown: %s", redacted)
		}
	}
}
