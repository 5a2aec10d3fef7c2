package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

// text returns a plan as JSON, with sorted warnings.
func text(t testing.TB, p *Plan) string {
	t.Helper()
	slices.Sort(p.Warnings)
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPlanIsDetermined checks that a plan depends only on the arguments of Compute, and
// not on the order of the lists.
func TestPlanIsDetermined(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		first := text(t, mustCompute(f, w, opts))
		if again := text(t, mustCompute(f, w, opts)); again != first {
			rt.Fatalf("another plan:\n%s\n%s", first, again)
		}
		shuffled := &World{
			Facts: w.Facts,
			Objects: Objects{
				spec.SandboxKind:  rapid.Permutation(w.Objects[spec.SandboxKind]).Draw(rt, "sandboxes"),
				spec.SnapshotKind: rapid.Permutation(w.Objects[spec.SnapshotKind]).Draw(rt, "snapshots"),
				spec.VolumeKind:   rapid.Permutation(w.Objects[spec.VolumeKind]).Draw(rt, "volumes"),
			},
		}
		if other := text(t, mustCompute(f, shuffled, opts)); other != first {
			rt.Fatalf("the order counts:\n%s\n%s", first, other)
		}
	})
}

// TestPlanChangesNoInput checks that Compute does not change the world.
func TestPlanChangesNoInput(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		world := func() (all string) {
			for _, o := range slices.Concat(w.Objects[spec.SandboxKind], w.Objects[spec.SnapshotKind], w.Objects[spec.VolumeKind]) {
				all += fmt.Sprintf("%+v\n", *o)
			}
			return all
		}
		before := world()
		mustCompute(f, w, opts)
		if after := world(); after != before {
			rt.Fatalf("the world was changed:\n%s\n%s", before, after)
		}
	})
}

// TestPlanKeepsTheRules checks the guarantees of plans for random fleets and worlds.
func TestPlanKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		p := mustCompute(f, w, opts)
		orderly(t, p)
		for _, s := range p.Steps {
			rules(rt, f, w, opts, s)
		}
		c := p.Counts()
		if sum := c.Create + c.Change + c.Replace + c.Destroy + c.Adopt + c.Unchanged + c.Retained + c.Blocked + c.Waiting; sum != len(p.Steps) {
			rt.Fatalf("%d steps are counted as %d: %+v", len(p.Steps), sum, c)
		}
		if c.Blocked != len(p.Blocked()) || c.Replace+c.Destroy != p.DestroyCount() {
			rt.Fatalf("%d blocked, %d destroyed, but %+v", len(p.Blocked()), p.DestroyCount(), c)
		}
		if n := p.DestroyCount(); opts.NoDestroy && !opts.Destroy && n > opts.AllowDestroy {
			rt.Fatalf("%d would go, %d may", n, opts.AllowDestroy)
		}
		if said := text(t, p); strings.Contains(said, secret) {
			rt.Fatalf("the plan tells a secret:\n%s", said)
		}
		if t.Failed() {
			rt.Fatalf("\n%s", lines(p))
		}
	})
}

// formerVersionRules checks the deletion of a former version: nothing uses it, it is not
// declared, and its content or the fleet's sandboxes prove that it is the fleet's.
func formerVersionRules(t *rapid.T, f *spec.Fleet, w *World, opts Options, s *Step) {
	name := s.Have.Name
	if users := w.ExternalUsers[s.ID]; len(users) > 0 {
		t.Fatalf("%s: %v use it", s.Address, users)
	}
	if f.ByName(spec.SnapshotKind)[name] != nil {
		t.Fatalf("%s is declared", s.Address)
	}
	r := f.Resources[slices.IndexFunc(f.Resources, func(r *spec.Resource) bool { return r.Address == s.FormerVersionOf })]
	version, ok := r.VersionIn(name)
	used := slices.ContainsFunc(w.Objects[spec.SandboxKind], func(o *Object) bool { return o.Snapshot() == name && f.HasName(o.Fleet()) })
	if proven := ok && s.Have.ProvesVersion(version, w.Facts); !proven && !used && !f.Owned(spec.SnapshotKind, name) {
		t.Fatalf("%s: nothing proves that it is the fleet's", s.Address)
	}
	steps := map[*Object]*Step{}
	for _, x := range mustCompute(f, w, opts).Steps {
		steps[x.Have] = x
	}
	for _, o := range w.Objects[spec.SandboxKind] {
		if x := steps[o]; o.Snapshot() == name && !o.Deleting() && (x == nil || x.Blocked != nil || !x.Action.Destroys()) {
			t.Fatalf("%s: %s uses it after the plan", s.Address, o.Name)
		}
	}
}

func rules(t *rapid.T, f *spec.Fleet, w *World, opts Options, s *Step) {
	if s.Blocked != nil {
		return
	}
	have := s.Have
	if s.Action == NoOp && len(s.Ops) > 0 {
		t.Fatalf("%s does nothing by %v", s.Address, s.Ops)
	}
	if s.Action != NoOp && len(s.Ops) == 0 {
		t.Fatalf("%s: %s without an operation", s.Address, s.Action)
	}
	if have == nil {
		if left := s.Action == NoOp && s.RetainedReason != "" && !opts.CreateMissing; s.ID != "" || s.Action != Create && !left {
			t.Fatalf("%s: %s %q of nothing", s.Address, s.Action, s.ID)
		}
		return
	}
	if s.ID != have.ID {
		t.Fatalf("%s has the id %q of %q", s.Address, s.ID, have.ID)
	}
	if !slices.Contains(w.Objects[s.Address.Kind], have) || have.Shared {
		t.Fatalf("%s is the platform's, or nobody's", s.Address)
	}
	if s.IsFormerVersion() && s.Action.Destroys() {
		formerVersionRules(t, f, w, opts, s)
	}
	was := spec.Address{Kind: s.Address.Kind, Key: have.Key()}
	ours := s.Address.Kind != spec.SandboxKind || f.HasName(have.Fleet()) && (was == s.Address || f.CurrentAddress(was) == s.Address)
	adopted := s.Action == Adopt && have.Fleet() == "" && (opts.AdoptAll || s.Want.Adopt())
	if !ours && !adopted {
		t.Fatalf("%s: %s of a foreign object, %+v", s.Address, s.Action, have.Labels)
	}
	if s.Action.Destroys() && have.Labels[spec.ProtectLabel] == "true" && !unprotected(f, f.CurrentAddress(s.Address)) {
		t.Fatalf("%s: %s of a protected object", s.Address, s.Action)
	}
	if s.Action.Destroys() && s.Want != nil && s.Want.Protected() {
		t.Fatalf("%s: %s of what the spec protects", s.Address, s.Action)
	}
	if s.Action == Release && have.Labels[spec.ProtectLabel] == "true" && !unprotected(f, f.CurrentAddress(s.Address)) {
		t.Fatalf("%s: the protection goes with the labels", s.Address)
	}
	if s.Want != nil && have.Failed && s.Action != NoOp && s.Action != Adopt && (s.Want.OnError() == spec.ReportOnly || s.Want.OnError() == spec.Recover && !have.Recoverable) {
		t.Fatalf("%s: %s of a failed sandbox that is not to be touched", s.Address, s.Action)
	}
	if s.RetainedReason != "" && s.Action.Destroys() {
		t.Fatalf("%s: %s, and %s", s.Address, s.Action, s.RetainedReason)
	}
	if s.Action.Destroys() && s.DataLoss == "" && s.Address.Kind != spec.SnapshotKind {
		t.Fatalf("%s: %s loses nothing", s.Address, s.Action)
	}
}

func unprotected(f *spec.Fleet, a spec.Address) bool {
	return slices.ContainsFunc(f.Resources, func(r *spec.Resource) bool { return r.Address == a && r.Unprotected() })
}

// TestWrittenSpecPlansTheSame checks that a random fleet, written as a spec and parsed
// again, yields the same plan.
func TestWrittenSpecPlansTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		var b strings.Builder
		if err := (spec.Encoder{Secret: spec.PlainSecret}).Encode(&b, f); err != nil {
			rt.Fatal(err)
		}
		again, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(b.String())})
		if err != nil {
			rt.Fatalf("%v\n%s", err, b.String())
		}
		if got, want := text(t, mustCompute(again, w, opts)), text(t, mustCompute(f, w, opts)); got != want {
			rt.Fatalf("another plan:\n%s\n%s\nof\n%s", want, got, b.String())
		}
	})
}
