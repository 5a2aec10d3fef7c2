package apply_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// A refusal is one that is known before anything is deleted.
type refusal struct {
	name  string
	has   string // attributes of a sandbox that is refused
	top   string // top-level keys that it needs
	setUp func(d *daytona)
	alone bool // it cannot have linked sandboxes
}

func organization(quota map[string]any) func(*daytona) {
	return func(d *daytona) {
		d.send("POST", "/_emulator/organization", map[string]any{"quota": quota})
	}
}

// snapshotThat creates a snapshot of the organization, and overwrites its stored fields.
func snapshotThat(stored map[string]any) func(*daytona) {
	return func(d *daytona) {
		d.send("POST", "/api/snapshots", map[string]any{"name": "theirs", "imageName": "debian:12"})
		d.send("POST", "/_emulator/clock", map[string]any{"advance": "1m"})
		d.send("POST", "/_emulator/snapshots/theirs", stored)
	}
}

var refusals = []refusal{
	{name: "region", has: "snapshot: daytona-small, target: uss"},
	{name: "region that is gone", has: "snapshot: daytona-small, target: eu", setUp: func(d *daytona) {
		d.send("POST", "/_emulator/organization", map[string]any{"regions": []string{"us"}})
	}},
	{name: "snapshot elsewhere", has: "snapshot: theirs, target: us", setUp: snapshotThat(map[string]any{"regionIds": []string{"eu"}})},
	{name: "snapshot that is missing", has: "snapshot: nothing"},
	{name: "snapshot that failed", has: "snapshot: theirs", setUp: snapshotThat(map[string]any{"state": "error"})},
	{name: "snapshot that is inactive", has: "snapshot: theirs", setUp: snapshotThat(map[string]any{"state": "inactive"})},
	{name: "snapshot of the spec, elsewhere", has: "snapshot: own, target: us", top: "snapshots: {own: {image: \"debian:12\", target: eu}}\n"},
	{name: "snapshot of the spec in no region", has: "snapshot: own, target: us", top: "snapshots: {own: {image: \"debian:12\", target: uss}}\n"},
	{name: "snapshot of the spec, too big", has: "snapshot: own", top: "snapshots: {own: {image: \"debian:12\", resources: {disk: 9}}}\n", setUp: organization(map[string]any{"maxDiskPerSandbox": 8})},
	// The specs of this test are read without the hashes of local files, which builds need.
	{name: "snapshot of the spec that cannot be built", has: "snapshot: own", top: "images: {i: {dockerfile: \"FROM debian:12\\nCOPY doc.go b\\n\"}}\nsnapshots: {own: {image: i}}\n"},
	{name: "Dockerfile", has: "image: i", top: "images: {i: {dockerfile: \"FROM debian:12\\nCOPY doc.go b\\n\"}}\n", alone: true},
	{name: "secret", has: "snapshot: daytona-medium, secrets: {TOKEN: nothing}"},
	{name: "volume", has: "snapshot: daytona-small, volumes: [{volume: nothing, mount_path: /v}]"},
	{name: "vCPU of one sandbox", has: "snapshot: daytona-large, target: us", setUp: organization(map[string]any{"maxCpuPerSandbox": 3})},
	{name: "memory of one sandbox", has: "snapshot: daytona-large, target: us", setUp: organization(map[string]any{"maxMemoryPerSandbox": 7})},
	{name: "disk of one sandbox", has: "snapshot: daytona-large", setUp: organization(map[string]any{"maxDiskPerSandbox": 9})},
	{name: "quota for vCPU", has: "snapshot: daytona-large, target: us", setUp: organization(map[string]any{"cpu": 7})},
	{name: "quota for memory", has: "snapshot: daytona-large, target: us", setUp: organization(map[string]any{"memory": 15})},
	{name: "quota for disk", has: "snapshot: daytona-large, target: us", setUp: organization(map[string]any{"disk": 19})},
	{name: "quota for GPUs", has: "image: \"debian:12\", target: us, ephemeral: true, resources: {gpu: 1}", setUp: organization(map[string]any{"gpu": 0}), alone: true},
	{name: "GPUs that are not allowed", has: "image: \"debian:12\", target: us, ephemeral: true, resources: {gpu: 1}", setUp: organization(map[string]any{"gpuTypes": []string{}}), alone: true},
	{name: "types of GPUs that are not allowed", has: "image: \"debian:12\", target: us, ephemeral: true, resources: {gpu: 1, gpu_type: [H200]}", setUp: organization(map[string]any{"gpuTypes": []string{"H100"}}), alone: true},
	{name: "GPUs of what is not ephemeral", has: "snapshot: theirs", setUp: snapshotThat(map[string]any{"gpu": 1}), alone: true},
	{name: "paused container", has: "snapshot: daytona-medium, state: paused", alone: true},
	{name: "container that pauses by itself", has: "image: \"debian:12\", auto_stop_interval: 0, auto_pause_interval: 5", alone: true},
	{name: "long request", has: "snapshot: daytona-small, env_vars: {A: \"" + strings.Repeat("x", 110_000) + "\"}"},
}

// modes are the ways in which sandboxes are replaced: the spec that was applied, and the
// one that is applied next, with the attributes of a refusal.
var modes = []struct {
	name string
	was  string
	is   func(has string) string
	opts plan.Options
}{
	{"replaced", "a: {count: 2, snapshot: daytona-small}", func(has string) string { return "a: {count: 2, " + has + "}" }, plan.Options{}},
	{"rolling", "a: {count: 2, snapshot: daytona-small}", func(has string) string { return "a: {count: 2, rollout: {max_unavailable: 1, canary: 1}, " + has + "}" }, plan.Options{}},
	{"surge", "a: {count: 2, snapshot: daytona-small}", func(has string) string { return "a: {count: 2, rollout: {surge: true}, " + has + "}" }, plan.Options{}},
	{"forced", "a: {count: 2, snapshot: daytona-small}", func(has string) string { return "a: {count: 2, " + has + "}" }, plan.Options{Replace: []plan.Selector{selectorOf("sandbox.a")}}},
	{"grown, too", "a: {count: 2, snapshot: daytona-small}", func(has string) string { return "a: {count: 3, " + has + "}" }, plan.Options{}},
	{
		"linked", "a: {snapshot: daytona-small}\n  b: {snapshot: daytona-small, ephemeral: true, linked_sandbox: a}",
		func(has string) string {
			return "a: {" + has + "}\n  b: {ephemeral: true, linked_sandbox: a, " + has + "}"
		},
		plan.Options{},
	},
	{
		"linked to what is replaced", "a: {snapshot: daytona-small}\n  b: {snapshot: daytona-small, ephemeral: true, linked_sandbox: a}\n  c: {snapshot: daytona-small}",
		func(has string) string {
			return "a: {snapshot: daytona-small, os_user: root" + targetOf(has) + "}\n  b: {ephemeral: true, linked_sandbox: a, " + has + "}\n  c: {" + has + "}"
		},
		plan.Options{},
	},
}

// targetOf returns the region in attributes, for another sandbox.
func targetOf(has string) string {
	i := strings.Index(has, ", target: ")
	if i < 0 {
		return ""
	}
	return has[i:]
}

// selectorOf reads a selector, and fails the test if it is invalid.
func selectorOf(text string) plan.Selector {
	s, err := plan.ParseSelector(text)
	if err != nil {
		panic(err)
	}
	return s
}

// TestRefusedAheadDeletesNothing checks that nothing is deleted for a replacement that
// is known to be refused, in all modes, although the rest of the plan is executed.
func TestRefusedAheadDeletesNothing(t *testing.T) {
	for _, c := range refusals {
		for _, m := range modes {
			if c.alone && strings.HasPrefix(m.name, "linked") {
				continue
			}
			t.Run(c.name+", "+m.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Delete: time.Second}})
					defer d.close()
					head := "version: 1\nname: ahead\n"
					if r := d.run(d.plan(parse(t, head+"sandboxes:\n  "+m.was+"\n"), plan.Options{})); !r.OK() {
						t.Fatal(outcome(r))
					}
					if c.setUp != nil {
						c.setUp(d)
					}
					m.opts.AllowDestroy = 99
					p := d.plan(parse(t, fmt.Sprintf("%s%ssandboxes:\n  %s\n", head, c.top, m.is(c.has))), m.opts)
					d.log()
					r := d.run(p)
					if n := d.deleted(); n > 0 {
						t.Errorf("%d sandboxes were deleted\n%s\n%s", n, story(p), outcome(r))
					}
					held := p.BlockedBy()
					for _, s := range p.Steps {
						if _, is := held[s.Address]; s.Address.Kind == spec.SandboxKind && s.Action == plan.Replace && !is {
							t.Errorf("%s is not held\n%s", s.Address, story(p))
						}
					}
				})
			})
		}
	}
}

// TestFollowersNeedsFirst checks that a sandbox is replaced with the ones that are
// linked to it, and that all stay if the image of one of them cannot be built.
func TestFollowersNeedsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Build: time.Minute, Delete: time.Second}})
		defer d.close()
		head := "version: 1\nname: linked\n"
		if r := d.run(d.plan(parse(t, head+"sandboxes:\n  a: {snapshot: daytona-small}\n  b: {snapshot: daytona-small, ephemeral: true, linked_sandbox: a}\n"), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "method": "POST", "path": "/snapshots"})
		p := d.plan(parse(t, head+"snapshots: {own: {image: \"debian:12\"}}\nsandboxes:\n  a: {snapshot: daytona-small, os_user: root}\n  b: {snapshot: own, ephemeral: true, linked_sandbox: a}\n"), plan.Options{AllowDestroy: 9})
		d.log()
		r := d.run(p)
		if n := d.deleted(); n > 0 || len(d.sandboxes()) != 2 {
			t.Errorf("%d sandboxes were deleted\n%s", n, outcome(r))
		}
	})
}
