package plan

import (
	"fmt"
	"strings"
	"testing"
)

// TestBlastRadius removes sandboxes from fleets of several sizes and checks at which
// number the blast radius blocks.
func TestBlastRadius(t *testing.T) {
	tests := []struct {
		name         string
		have, remain int // sandboxes
		opts         Options
		want         string // reason of the block; empty for none
	}{
		{"10 go", 12, 2, Options{}, ""},
		{"11 are too many", 12, 1, Options{}, "11 objects would be destroyed, more than the 10 that a plan may destroy without --allow-destroy"},
		{"20 % of a large fleet go", 100, 80, Options{}, ""},
		{"21 % are too many", 100, 79, Options{}, "21 objects would be destroyed, more than the 20 that a plan may destroy without --allow-destroy"},
		{"a share is rounded down", 59, 47, Options{}, "12 objects would be destroyed, more than the 11 that a plan may destroy without --allow-destroy"},
		{"below 50 the number counts", 50, 40, Options{}, ""},
		{"the last of a small fleet", 1, 0, Options{}, "this deletes all sandboxes of the fleet (1)"},
		{"all of a small fleet", 3, 0, Options{}, "this deletes all sandboxes of the fleet (3)"},
		{"all but one", 3, 1, Options{}, ""},
		{"allowed", 3, 0, Options{AllowDestroy: 3}, ""},
		{"one too few allowed", 3, 0, Options{AllowDestroy: 2}, "this deletes all sandboxes of the fleet (3)"},
		{"many allowed", 100, 79, Options{AllowDestroy: 21}, ""},
		{"one too few of many", 100, 79, Options{AllowDestroy: 20}, "21 objects would be destroyed, more than the 20 that a plan may destroy without --allow-destroy"},
		{"allowing less than the radius does not narrow it", 12, 2, Options{AllowDestroy: 5}, ""},
		{"nothing may go", 3, 2, Options{NoDestroy: true}, "1 object would be destroyed"},
		{"nothing but what is allowed", 3, 2, Options{NoDestroy: true, AllowDestroy: 1}, ""},
		{"nothing goes", 3, 3, Options{NoDestroy: true}, ""},
		{"a fleet that is destroyed", 30, 30, Options{Destroy: true}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := story{was: boxes("w", test.have), spec: boxes("w", test.remain), opts: test.opts}.planOrNothing(t, test.remain)
			goes := test.have - test.remain
			if test.opts.Destroy {
				goes = test.have
			}
			if test.want == "" {
				same(t, "destroyed", p.DestroyCount(), goes)
				same(t, "blocked", len(p.Blocked()), 0)
				return
			}
			same(t, "destroyed", p.DestroyCount(), 0)
			same(t, "blocked", len(p.Blocked()), goes)
			for _, s := range p.Blocked() {
				same(t, "block", *s.Blocked, Block{BlastRadius, test.want, fmt.Sprintf("--allow-destroy %d allows it", goes)})
			}
		})
	}
}

// planOrNothing returns the plan of a story whose spec may declare nothing.
func (s story) planOrNothing(t testing.TB, sandboxes int) *Plan {
	if sandboxes == 0 {
		s.spec = nothing
	}
	return s.plan(t)
}

func TestBlastRadiusOfOthers(t *testing.T) {
	const volumes = "volumes: {tmp-a: {}, tmp-b: {}}"
	const owns = "owns: {volumes: ['tmp-*']}\n"
	emptied := func(n int) string {
		return fmt.Sprintf("| blast radius: this deletes everything that the fleet owns (%d objects) (--allow-destroy %d allows it)", n, n)
	}
	wiped := "| blast radius: this deletes all sandboxes of the fleet (1) (--allow-destroy 2 allows it)"
	runStories(t, []story{
		{name: "all volumes of a fleet that has nothing else", was: volumes, spec: owns, want: `
			delete volume.tmp-a: matches owns and is not in the spec | delete ` + emptied(2) + `
			delete volume.tmp-b: matches owns and is not in the spec | delete ` + emptied(2)},
		{name: "all sandboxes, though a snapshot stays", was: "snapshots: {base: {image: 'a:1'}}\n" + "sandboxes: {web: {}}", spec: "snapshots: {base: {image: 'a:1'}}", want: `
			no-op snapshot.base
			delete web: not in the spec | delete | blast radius: this deletes all sandboxes of the fleet (1) (--allow-destroy 1 allows it)`},
		{name: "a block holds for all that would go", was: "volumes: {tmp-a: {}}\n" + "sandboxes: {web: {}}", spec: owns, want: `
			delete web: not in the spec | delete ` + wiped + `
			delete volume.tmp-a: matches owns and is not in the spec | delete | after web ` + wiped},
		{name: "new ones do not make up for it", was: "sandboxes: {web: {}}", spec: "sandboxes: {api: {}}", want: `
			create api | create
			delete web: not in the spec | delete | blast radius: this deletes all sandboxes of the fleet (1) (--allow-destroy 1 allows it; if sandbox.web is called sandbox.api now, write moved: [{from: sandbox.web, to: sandbox.api}], and name: web in sandboxes.api)`},
		{name: "nor does an adopted one", was: "sandboxes: {web: {}, api: {}}", then: "api unowned", spec: "sandboxes: {api: {adopt: true}}", want: `
			adopt api: no fleet owns it | label
			delete web: not in the spec | delete | blast radius: this deletes all sandboxes of the fleet (1) (--allow-destroy 1 allows it; if another spec has the name demo, too, it made them: give one of the two another name)`},
		{name: "replacing the only one is not taking it away", was: "sandboxes: {web: {os_user: a}}", spec: "sandboxes: {web: {os_user: b}}", want: "replace web [os_user a -> b] | delete create"},
		{name: "what a protected one keeps is something", was: "sandboxes: {web: {}, db: {protect: true}}", spec: nothing, want: `
			delete db: not in the spec | delete | protected: it is protected: it may not be deleted or replaced (declare sandbox.db again with protect: false and apply, then remove it)
			delete web: not in the spec | delete`},
	})
}

func TestReplacementsCountAsDestroying(t *testing.T) {
	was := strings.ReplaceAll(boxes("w", 11), "{}", "{os_user: a}")
	p := story{was: was, spec: strings.ReplaceAll(was, "a}", "b}")}.plan(t)
	same(t, "blocked", len(p.Blocked()), 11)
	same(t, "reason", p.Steps[0].Blocked.Reason, "11 objects would be destroyed, more than the 10 that a plan may destroy without --allow-destroy")
}

// Protected sandboxes are not deleted and do not count.
func TestBlockedStepsDoNotCount(t *testing.T) {
	was := strings.Replace(boxes("w", 13), "{}", "{protect: true}", 1)
	p := story{was: was, spec: "sandboxes: {w1: {}, w12: {}}"}.plan(t)
	same(t, "destroyed", p.DestroyCount(), 10)
	same(t, "blocked", len(p.Blocked()), 1)
}
