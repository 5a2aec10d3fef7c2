package plan

import (
	"testing"

	"fleet/spec"
)

// TestTrialStep checks when the temporary snapshot of an earlier run is deleted.
func TestTrialStep(t *testing.T) {
	const trial1, trial2 = "base-" + version1 + ".trial", "base-" + version2 + ".trial"
	known := parse(t, all+"  base: {image: 'a:2'}\n").Resources[0]
	_, unset := unsetWorld(t, "")
	unknown := unset.Resources[0]
	tries := []Op{{Verb: DoTryBuild}, {Verb: DoDelete}, {Verb: DoCreate}, {Verb: DoDropTrial}}
	settled := Object{State: "active", TargetState: "active"}
	for _, c := range []struct {
		name    string
		r       *spec.Resource
		step    *Step // of the snapshot
		trial   string
		o       Object
		deleted bool
	}{
		{"the snapshot has no step", known, nil, trial2, settled, true},
		{"it is only created", known, &Step{Ops: []Op{{Verb: DoCreate}}}, trial2, settled, true},
		{"the plan uses it", known, &Step{Ops: tries}, trial2, settled, false},
		{"the plan tries another content", known, &Step{Ops: tries}, trial1, settled, true},
		{"the plan tries a content that is not known", unknown, &Step{Ops: tries}, trial1, settled, false},
		{"the step that would use it is blocked", known, &Step{Ops: tries, Blocked: &Block{}}, trial2, settled, true},
		{"another run builds it", known, nil, trial2, Object{State: "building", TargetState: "active"}, false},
		{"it failed", known, nil, trial2, Object{State: "build_failed", TargetState: "active", Failed: true}, true},
	} {
		c.o.Name = c.trial
		p := &planner{steps: map[spec.Address]*Step{}}
		if c.step != nil {
			p.steps[c.r.Address] = c.step
		}
		if s := p.trialStep(c.r, &c.o, spec.Address{Kind: spec.SnapshotKind, Key: c.trial}); (s != nil) != c.deleted {
			t.Errorf("%s: the step is %v", c.name, s)
		}
	}
}

// TestTrialBuildsFirst checks which replacements try the new content before the old one is
// deleted.
func TestTrialBuildsFirst(t *testing.T) {
	full := &QuotaStatus{Snapshots: 5, SnapshotQuota: 5}
	for _, c := range []struct {
		name  string
		block *Block
		quota *QuotaStatus
		tries bool
	}{
		{"there is room", nil, nil, true},
		{"there is no room", nil, full, false},
		{"it is blocked", &Block{}, nil, false},
		{"it is blocked, and there is no room", &Block{}, full, false},
	} {
		s := &Step{Blocked: c.block, Ops: []Op{{Verb: DoDelete}, {Verb: DoCreate}}}
		(&planner{world: &World{QuotaStatus: c.quota}}).tryBuildFirst(s)
		verbs := []Verb{}
		for _, op := range s.Ops {
			verbs = append(verbs, op.Verb)
		}
		want := []Verb{DoDelete, DoCreate}
		if c.tries {
			want = []Verb{DoTryBuild, DoDelete, DoCreate, DoDropTrial}
		}
		same(t, c.name, verbs, want)
	}
}

// TestFailedVersionIsNotOfOthers checks that no other run is about to use a version whose
// creation failed, although it never came into the state that was asked for.
func TestFailedVersionIsNotOfOthers(t *testing.T) {
	w := &World{}
	c := &planner{world: w, owner: newSnapshotOwner(parse(t, all+content2), w, nil)}
	for _, x := range []struct {
		o    Object
		want bool
	}{
		{Object{State: "building", TargetState: "active"}, true},
		{Object{State: "build_failed", TargetState: "active", Failed: true}, false},
		{Object{State: "active", TargetState: "active"}, false},
	} {
		if got := c.mayBeOfOthers(&x.o); got != x.want {
			t.Errorf("%s: %v", x.o.State, got)
		}
	}
}
