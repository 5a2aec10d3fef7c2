package plan

import (
	"testing"

	"fleet/spec"
)

// An attribute that a known class does not support is blocked before anything is deleted
// for it.
func TestUnsupportedByClass(t *testing.T) {
	declared := func(class, more string) string {
		return "snapshots: {s: {image: \"debian:12\", class: " + class + "}}\nsandboxes: {a: {snapshot: s" + more + "}}\n"
	}
	image := func(more string) string { return "sandboxes: {a: {image: \"debian:12\"" + more + "}}\n" }
	found := func(more string) string { return "sandboxes: {a: {snapshot: big" + more + "}}\n" }
	having := func(key string, value any) func(*World) {
		return func(w *World) {
			o := big(t)
			o.set(t, spec.SnapshotKind, key, value)
			w.Add(spec.SnapshotKind, o)
		}
	}
	class := func(name string) func(*World) { return having("class", name) }
	for _, c := range []struct {
		name, was, is string
		change        func(*World)
		action        Action
		want          string
	}{
		{"an image, paused", nothing, image(", state: paused"), nil, Create, "a container cannot be paused (write state: stopped in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"an image, pausing", nothing, image(", auto_pause_interval: 5"), nil, Create, "a container cannot pause automatically (write auto_pause_interval: 0 in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"an image that never pauses", nothing, image(", auto_pause_interval: 0"), nil, Create, ""},
		{"replaced by what pauses", image(""), image(", auto_pause_interval: 5, os_user: root"), nil, Replace, "a container cannot pause automatically (write auto_pause_interval: 0 in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"begins to pause", image(""), image(", auto_pause_interval: 5"), nil, Update, "a container cannot pause automatically (write auto_pause_interval: 0 in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"pauses already", image(", auto_pause_interval: 5"), image(", auto_pause_interval: 5, public: true"), nil, Update, ""},
		{"pauses already, unchanged", image(", auto_pause_interval: 5"), image(", auto_pause_interval: 5"), nil, NoOp, ""},
		{"is to be paused", image(""), image(", state: paused"), nil, Pause, "a container cannot be paused (write state: stopped in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"a virtual machine is to be paused", image(""), image(", state: paused"), func(w *World) { w.Objects[spec.SandboxKind][0].Class = "linux-vm" }, Pause, ""},
		{"android is to be paused", image(""), image(", state: paused"), func(w *World) { w.Objects[spec.SandboxKind][0].Class = "android" }, Pause, "a sandbox of class android cannot be paused (write state: stopped in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"a class that is not told", image(""), image(", state: paused"), func(w *World) { w.Objects[spec.SandboxKind][0].Class = "" }, Pause, ""},
		{"a snapshot of the spec", nothing, declared("container", ", auto_pause_interval: 5"), nil, Create, "a container cannot pause automatically (write auto_pause_interval: 0 in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"a virtual machine of the spec", nothing, declared("linux-vm", ", auto_pause_interval: 5, auto_stop_interval: 0"), nil, Create, ""},
		{"android of the spec", nothing, declared("android", ""), nil, Create, "a sandbox of class android cannot exist without linked_sandbox (write linked_sandbox in sandboxes.a, or use a snapshot of class container)"},
		{"a container of the organisation", nothing, found(", state: paused"), class("container"), Create, "a container cannot be paused (write state: stopped in sandboxes.a, or use a snapshot of class linux-vm)"},
		{"a virtual machine of the organisation", nothing, found(", state: paused"), class("linux-vm"), Create, ""},
		{"windows of the organisation", nothing, found(", state: paused"), class("windows"), Create, ""},
		{"a snapshot that does not tell its class", nothing, found(", state: paused"), func(w *World) { w.Add(spec.SnapshotKind, big(t)) }, Create, ""},
		{"the server's default snapshot", nothing, "sandboxes: {a: {state: paused}}\n", nil, Create, ""},
		{"GPUs of a snapshot", nothing, found(""), having("resources.gpu", 1), Create, "a sandbox with GPUs must be ephemeral, and its snapshot has GPUs (write ephemeral: true in sandboxes.a (fleet.yaml:3:13), or use another snapshot)"},
		{"GPUs of a snapshot, ephemeral", nothing, found(", ephemeral: true"), having("resources.gpu", 1), Create, ""},
		{"GPUs of a snapshot, replaced", image(""), found(""), having("resources.gpu", 1), Replace, "a sandbox with GPUs must be ephemeral, and its snapshot has GPUs (write ephemeral: true in sandboxes.a (fleet.yaml:3:13), or use another snapshot)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, parse(t, c.was))
			if c.change != nil {
				c.change(w)
			}
			f := parse(t, c.is)
			w.observe(f)
			p := mustCompute(f, w, Options{AllowDestroy: 9})
			s := p.Steps[len(p.Steps)-1]
			if s.Action != c.action {
				t.Fatalf("got %s, want %s", line(s), c.action)
			}
			got := ""
			if s.Blocked != nil {
				got = s.Blocked.Reason + " (" + s.Blocked.Unblock + ")"
			}
			same(t, "block", got, c.want)
		})
	}
}

// Nested virtualization needs a newer server and one class.
func TestVirtualMachinesOnly(t *testing.T) {
	for class, want := range map[string]string{"container": "a container cannot have nested virtualisation", "android": "a sandbox of class android cannot have nested virtualisation", "linux-vm": ""} {
		f := parse(t, "snapshots: {s: {image: \"debian:12\", class: "+class+"}}\nsandboxes:\n  a: {snapshot: s, kvm: true, ephemeral: true, linked_sandbox: 2f0d4f5e-0d6b-4d8e-9e3c-0a1b2c3d4e5f}\n")
		w := newWorld(t, parse(t, nothing))
		w.Facts.Version = spec.ParseVersion("0.220.0")
		got := ""
		if s := mustCompute(f, w, Options{}).Steps[1]; s.Blocked != nil {
			got = s.Blocked.Reason
		}
		same(t, class, got, want)
	}
}
