package apply_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/internal/emulator"
	"fleet/plan"
)

// TestMaximumIsKnownAhead checks that the plan blocks the sandboxes and snapshots that are
// larger than one may be, by the limits that the server reports, and no others. A sandbox
// with GPUs has limits of its own.
func TestMaximumIsKnownAhead(t *testing.T) {
	for _, c := range []struct{ fault, has, want string }{
		{"", "resources: {cpu: 4, memory: 8, disk: 10}", ""},
		{"", "resources: {cpu: 5}", "5 vCPU is more than the 4 that one sandbox may have in us"},
		{"", "resources: {memory: 9}", "9 GiB memory is more than the 8"},
		{"", "resources: {disk: 11}", "11 GiB disk is more than the 10"},
		{"", "ephemeral: true, resources: {cpu: 16, memory: 192, disk: 512, gpu: 1}", ""},
		{"", "ephemeral: true, resources: {cpu: 17, gpu: 1}", "17 vCPU is more than the 16 that one sandbox may have in us"},
		{"", "ephemeral: true, resources: {memory: 193, gpu: 1}", "193 GiB memory is more than the 192"},
		{"", "ephemeral: true, resources: {disk: 513, gpu: 1}", "513 GiB disk is more than the 512"},
		{"quota max-cpu=8", "resources: {cpu: 8}", ""},
		{"quota max-cpu=8", "resources: {cpu: 9}", "9 vCPU is more than the 8"},
		{"any-size", "resources: {cpu: 100, memory: 900, disk: 1000}", ""},
	} {
		t.Run(c.fault+" "+c.has, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Faults: strings.FieldsFunc(c.fault, func(r rune) bool { return r == ';' })})
				defer d.close()
				p := d.plan(parse(t, fmt.Sprintf("version: 1\nname: big\nsandboxes:\n  a: {image: \"debian:12\", target: us, %s}\n", c.has)), plan.Options{})
				blocked := p.Blocked()
				if c.want == "" {
					if r := d.run(p); len(blocked) > 0 || !r.OK() {
						t.Fatalf("%s%s", outcome(r), story(p))
					}
					return
				}
				if len(blocked) != 1 || !strings.HasPrefix(blocked[0].Blocked.Reason, c.want) {
					t.Errorf("not blocked by %q:\n%s", c.want, story(p))
				}
			})
		})
	}
}

// TestExampleIsWithinMaximum applies the example that has a sandbox with a GPU.
func TestExampleIsWithinMaximum(t *testing.T) {
	text, err := os.ReadFile("../examples/research.yaml")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		p := d.plan(parse(t, string(text)), plan.Options{})
		if r := d.run(p); len(p.Blocked()) > 0 || !r.OK() {
			t.Fatalf("%s%s", outcome(r), story(p))
		}
	})
}
