package gc

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/plan"
	"fleet/spec"
)

// TestLaws: whatever the rules, nothing is done to what is protected, leased,
// recently used or not the fleet's to take, and nothing that has not to be given
// up when it is used.
func TestLaws(t *testing.T) {
	f := parse(t, "sandboxes:\n  s1: {protect: true}\n  s2: {}\n")
	rapid.Check(t, func(rt *rapid.T) {
		w := randomWorld(t, rt)
		opts := Options{Now: now, SpareActive: DefaultSpareActive, Unowned: rapid.Bool().Draw(rt, "unowned"), AllowDestroy: rapid.IntRange(0, 30).Draw(rt, "allow")}
		_, p := Collect(f, w, randomRules(rt), opts)
		seen := map[spec.Address]bool{}
		for _, s := range p.Steps {
			if seen[s.Address] {
				rt.Fatalf("%s is there twice", s.Address)
			}
			seen[s.Address] = true
			if s.Action != plan.NoOp && s.Blocked == nil {
				lawful(rt, s, opts)
			}
		}
		if n := p.DestroyCount(); n > opts.AllowDestroy && n > max(10, len(p.Steps)/5) {
			rt.Fatalf("%d would go", n)
		}
	})
}

func lawful(rt *rapid.T, s *plan.Step, opts Options) {
	o := s.Have
	lease, err := time.Parse(time.RFC3339, o.Labels[spec.LeaseLabel])
	switch owner := o.Labels[spec.FleetLabel]; {
	case !s.RequiresUnused:
		rt.Fatalf("%s is not given up when it is used", s.Address)
	case o.Labels[spec.ProtectLabel] == "true" || s.Address.Key == "s1" && owner == "demo":
		rt.Fatalf("%s is protected", s.Address)
	case o.Labels[spec.LeaseLabel] != "" && (err != nil || lease.After(opts.Now)):
		rt.Fatalf("%s is leased", s.Address)
	case opts.Now.Sub(o.LastActive) < opts.SpareActive || opts.Now.Sub(o.Created) < opts.SpareActive:
		rt.Fatalf("%s is in use", s.Address)
	case owner != "" && owner != "demo" || owner == "" && o.Labels["managed-by"] != "":
		rt.Fatalf("%s is somebody else's", s.Address)
	case owner == "" && !opts.Unowned:
		rt.Fatalf("%s is nobody's", s.Address)
	case owner == "" && s.Action == plan.Delete && opts.AllowDestroy == 0:
		rt.Fatalf("%s is nobody's, and was not allowed", s.Address)
	}
}

func randomWorld(t *testing.T, rt *rapid.T) *plan.World {
	w := &plan.World{}
	for i := range rapid.IntRange(0, 20).Draw(rt, "sandboxes") {
		o := box(t, fmt.Sprintf("s%d", i), rapid.SampledFrom([]string{"started", "stopped", "error", "starting", "archived"}).Draw(rt, "state"))
		o.Created = now.Add(-time.Duration(rapid.IntRange(-1, 200).Draw(rt, "age")) * time.Minute)
		o.LastActive = o.Created.Add(time.Duration(rapid.IntRange(0, 200).Draw(rt, "used")) * time.Minute)
		choices := map[string][]string{
			spec.FleetLabel: {"", "demo", "demo", "other"}, spec.KeyLabel: {o.Name, o.Name, "s1", "s2"},
			spec.ProtectLabel: {"", "", "", "true"}, "managed-by": {"", "", "", "terraform"}, "beat": {"", "soon", now.Format(time.RFC3339)},
			spec.LeaseLabel: {"", "", "odd", now.Add(time.Hour).Format(time.RFC3339), now.Add(-time.Hour).Format(time.RFC3339)},
		}
		for _, label := range sortedKeys(choices) {
			if v := rapid.SampledFrom(choices[label]).Draw(rt, label); v != "" {
				o.Labels[label] = v
			}
		}
		w.Add(spec.SandboxKind, o)
	}
	return w
}

func randomRules(rt *rapid.T) []Rule {
	var rules []Rule
	for range rapid.IntRange(1, 4).Draw(rt, "rules") {
		r := Rule{
			Kind: spec.SandboxKind, Owner: rapid.SampledFrom([]string{OwnerFleet, OwnerNone}).Draw(rt, "owner"), Names: []string{"s*"},
			IdleFor: time.Duration(rapid.IntRange(0, 60).Draw(rt, "idle")) * time.Minute,
			Action:  rapid.SampledFrom([]plan.Action{plan.Delete, plan.Stop, plan.Archive}).Draw(rt, "action"),
		}
		r.Duplicates = r.Owner == OwnerFleet && rapid.Bool().Draw(rt, "duplicates")
		if rapid.Bool().Draw(rt, "beats") {
			r.HeartbeatLabel, r.HeartbeatMax = "beat", time.Minute
		}
		rules = append(rules, r)
	}
	return rules
}
