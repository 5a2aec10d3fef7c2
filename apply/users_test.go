package apply_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/internal/emulator"
	"fleet/plan"
)

// TestSnapshotUsedSince checks that a snapshot that another user starts to use after the
// plan was made is left unchanged, and that its dependents do not start.
func TestSnapshotUsedSince(t *testing.T) {
	const head = "version: 1\nname: laws\n"
	const sandboxes = "sandboxes: {web: {snapshot: base}}\n"
	tests := []struct {
		name, was, now string
		opts           plan.Options
		user           bool   // another user created a sandbox from it
		want           string // how it ends
	}{
		{"replaced", "snapshots: {base: {image: 'a:1'}}\n" + sandboxes, "snapshots: {base: {image: 'a:2'}}\n" + sandboxes, plan.Options{}, true, `the sandbox "alien" has started to use it`},
		{"replaced, and nobody uses it", "snapshots: {base: {image: 'a:1'}}\n" + sandboxes, "snapshots: {base: {image: 'a:2'}}\n" + sandboxes, plan.Options{}, false, ""},
		{"replaced under its users", "snapshots: {base: {image: 'a:1'}}\n" + sandboxes, "snapshots: {base: {image: 'a:2', adopt: true}}\n" + sandboxes, plan.Options{}, true, ""},
		{"pruned", "snapshots: {base: {image: 'a:1'}}\n", "removed: [snapshot.base]\n", plan.Options{}, true, `the sandbox "alien" has started to use it`},
		{"destroyed", "snapshots: {base: {image: 'a:1'}}\n", "snapshots: {base: {image: 'a:1'}}\n", plan.Options{Destroy: true}, true, `the sandbox "alien" has started to use it`},
		{"destroyed, and its sandbox is let go", "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base, on_remove: release}}\n", "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base, on_remove: release}}\n", plan.Options{Destroy: true}, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				test.opts.AllowDestroy = 10
				if r := d.run(d.plan(parse(t, head+test.was), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				p := d.plan(parse(t, head+test.now), test.opts)
				if test.user {
					d.send("POST", "/api/sandbox", map[string]any{"name": "alien", "snapshot": "base"})
				}
				d.log()
				r := d.run(p)
				_, sent := d.log()
				deleted := slices.ContainsFunc(sent, func(r request) bool { return r.Method == http.MethodDelete && strings.Contains(r.Path, "/snapshots/") })
				if ok := test.want == ""; r.OK() != ok || deleted != ok || !strings.Contains(outcome(r), test.want) {
					t.Errorf("%s\nsent %v", outcome(r), sent)
				}
			})
		})
	}
}
