package plan

import (
	"slices"
	"testing"

	"fleet/spec"
)

// TestVersionsRetainedByLimit checks which former versions are deleted by a run that may destroy
// one object, in addition to another step.
func TestVersionsRetainedByLimit(t *testing.T) {
	base := spec.Address{Kind: spec.SnapshotKind, Key: "base"}
	former := func(name string) *Step {
		return newDeleteStep(spec.Address{Kind: spec.SnapshotKind, Key: name}, &Object{Name: name}, "")
	}
	for _, c := range []struct {
		name    string
		opts    Options
		other   func(*Step) // changes the deletion of a sandbox
		none    bool        // the sandbox is not selected
		current *Step       // of the declared snapshot
		deleted []string
	}{
		{name: "the sandbox counts", deleted: []string{"web"}},
		{name: "a blocked step does not", other: func(s *Step) { s.Blocked = &Block{} }, deleted: []string{"web", "base-1"}},
		{name: "nor what is not selected", none: true, deleted: []string{"web", "base-1"}},
		{name: "nor what is kept", other: func(s *Step) { s.Action, s.Ops = NoOp, nil }, deleted: []string{"base-1"}},
		{name: "more is allowed", opts: Options{AllowDestroy: 3}, deleted: []string{"web", "base-1", "base-2"}},
		{name: "the end of the fleet", opts: Options{Destroy: true}, deleted: []string{"web", "base-1", "base-2"}},
		{name: "the new version is blocked", opts: Options{AllowDestroy: 3}, current: &Step{Address: base, Action: Create, Blocked: &Block{}}, deleted: []string{"web"}},
		{name: "a blocked step creates nothing", opts: Options{AllowDestroy: 3}, current: &Step{Address: base, Action: NoOp, Blocked: &Block{}}, deleted: []string{"web", "base-1", "base-2"}},
	} {
		web := newDeleteStep(spec.Address{Kind: spec.SandboxKind, Key: "web"}, &Object{Name: "web"}, "")
		if c.other != nil {
			c.other(web)
		}
		steps := []*Step{web, former("base-1"), former("base-2")}
		c.opts.NoDestroy, c.opts.AllowDestroy = true, max(1, c.opts.AllowDestroy)
		p := &planner{
			fleet: parse(t, nothing), world: &World{}, opts: c.opts, plan: &Plan{Steps: steps},
			steps: map[spec.Address]*Step{}, selected: map[*Step]bool{web: !c.none},
		}
		for _, s := range steps[1:] {
			s.FormerVersionOf, p.selected[s] = base, true
		}
		if c.current != nil {
			p.steps[base], p.selected[c.current] = c.current, true
		}
		p.retainVersions()
		var deleted []string
		for _, s := range steps {
			if s.Action == Delete {
				deleted = append(deleted, s.Have.Name)
			}
		}
		if !slices.Equal(deleted, c.deleted) {
			t.Errorf("%s: %v are deleted, want %v", c.name, deleted, c.deleted)
		}
	}
}

// TestVersionUsersThatEnd checks that a sandbox that ends anyway is no user of a version.
func TestVersionUsersThatEnd(t *testing.T) {
	w := newWorld(t, parse(t, all+former1+"sandboxes: {web: {snapshot: former1}}\n"))
	version, web := w.find(t, spec.SnapshotKind, "base-"+version1), w.find(t, spec.SandboxKind, "web")
	p := &planner{fleet: parse(t, nothing), world: w, plan: &Plan{}}
	for _, c := range []struct {
		name  string
		steps map[*Object]*Step
		users []string
	}{
		{"no step", nil, []string{`"web"`}},
		{"a step without effect", map[*Object]*Step{web: {Action: NoOp}}, []string{`"web"`}},
		{"it is left from a surge", map[*Object]*Step{web: {Action: NoOp, SurgeLeftover: web}}, []string{}},
		{"it is deleted", map[*Object]*Step{web: {Action: Delete}}, []string{}},
		{"its deletion is blocked", map[*Object]*Step{web: {Action: Delete, Blocked: &Block{}}}, []string{`"web"`}},
	} {
		same(t, c.name, p.usersAfter(version, c.steps), c.users)
	}
	web.State, web.TargetState = "destroying", "destroyed"
	if !web.Deleting() {
		t.Fatal("it is not being deleted")
	}
	same(t, "it is being deleted", p.usersAfter(version, nil), []string{})
}
