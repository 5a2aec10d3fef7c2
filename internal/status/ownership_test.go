package status

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/client"
	"fleet/internal/doctor"
	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// TestOneOwner: plan, status, gc and doctor agree on the owner of a sandbox.
func TestOneOwner(t *testing.T) {
	text := "version: 1\nname: demo\nmoved: [{from: sandbox.old, to: sandbox.s1}]\nsandboxes:\n  s0: {snapshot: s}\n  s1: {snapshot: s, labels: {managed-by: ops}}\n"
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		w := randomOwners(rt, now)
		planned := planned(f, w)
		whose := w.Ownerships(f)
		exam := &doctor.Observation{Now: now, Server: client.ServerConfig{Version: "0.205.0"}, World: w}
		var errored []string
		unowned := 0
		for _, c := range doctor.Diagnose(f, exam) {
			for _, r := range c.Objects {
				if c.Name == "errored" {
					errored = append(errored, string(r.ID))
				}
			}
			if c.Name == "unowned" {
				fmt.Sscanf(c.Text, "sandboxes that no fleet owns: %d", &unowned)
			}
		}
		report, _ := gc.Collect(f, w, nil, gc.Options{Now: now})
		ours, nobodys := 0, 0
		for _, o := range w.Objects[spec.SandboxKind] {
			address, _, _ := OwnerOf(f, nil, whose[o], spec.SandboxKind, o)
			mine := address != ""
			if mine {
				ours++
			}
			nobody := takes(f, w, o, gc.OwnerNone, now)
			if nobody {
				nobodys++
			}
			if mine != planned[o] || mine != slices.Contains(errored, o.ID) || mine && nobody {
				rt.Fatalf("%s %v: plan %v, status %v, doctor %v, nobody's for gc %v", o.Name, o.Labels, planned[o], mine, slices.Contains(errored, o.ID), nobody)
			}
			if mine && !takes(f, w, o, gc.OwnerFleet, now) {
				rt.Fatalf("%s %v: gc does not see it", o.Name, o.Labels)
			}
		}
		if report.Fleet.Count != ours || unowned != nobodys {
			rt.Fatalf("gc counts %d, status %d; nobody's: gc %d, doctor %d", report.Fleet.Count, ours, nobodys, unowned)
		}
	})
}

// planned returns the sandboxes that the plan treats as the fleet's own.
func planned(f *spec.Fleet, w *plan.World) map[*plan.Object]bool {
	ours := map[*plan.Object]bool{}
	p, err := plan.Compute(f, w, plan.Options{AllowDestroy: 100})
	if err != nil {
		panic(err)
	}
	for _, s := range p.Steps {
		if s.Have != nil && s.Have.Key() != "" && s.Action != plan.Adopt && f.HasName(s.Have.Fleet()) {
			ours[s.Have] = true
		}
		if s.SurgeLeftover != nil {
			ours[s.SurgeLeftover] = true
		}
		if s.Blocked != nil && s.Blocked.Kind == plan.Conflict { // it may name one that cannot move
			for _, o := range w.Objects[spec.SandboxKind] {
				if o.Key() == "old" && f.HasName(o.Fleet()) && w.Ownerships(f)[o].Role == plan.RoleDuplicate {
					ours[o] = true
				}
			}
		}
	}
	return ours
}

// takes reports whether a rule about the sandboxes of an owner picks this one.
func takes(f *spec.Fleet, w *plan.World, o *plan.Object, owner string, now time.Time) bool {
	for _, duplicates := range []bool{false, true} {
		rule := gc.Rule{Kind: spec.SandboxKind, Owner: owner, Names: []string{o.Name}, Duplicates: duplicates, Action: plan.Delete}
		_, p := gc.Collect(f, w, []gc.Rule{rule}, gc.Options{Now: now, Unowned: true, AllowDestroy: 100})
		if slices.ContainsFunc(p.Steps, func(s *plan.Step) bool { return s.Have == o && s.Action == plan.Delete }) {
			return true
		}
	}
	return false
}

func randomOwners(rt *rapid.T, now time.Time) *plan.World {
	w := &plan.World{}
	for i := range rapid.IntRange(0, 8).Draw(rt, "sandboxes") {
		labels := map[string]string{}
		for _, l := range []struct {
			key    string
			values []string
		}{
			{spec.FleetLabel, []string{"", "demo", "demo", "other"}},
			{spec.KeyLabel, []string{"", "s0", "s1", "old", "gone"}},
			{spec.NameDigestLabel, []string{"", "", "elsewhere"}},
			{"managed-by", []string{"", "", "ops", "fleet"}},
			{"managed_by", []string{"", "", "terraform"}},
			{"app.kubernetes.io/managed-by", []string{"", "", "helm"}},
		} {
			if v := rapid.SampledFrom(l.values).Draw(rt, l.key); v != "" {
				labels[l.key] = v
			}
		}
		w.Add(spec.SandboxKind, &plan.Object{
			Object: spec.Object{Labels: labels}, ID: fmt.Sprint("id-", i), Name: fmt.Sprint("s", i), State: "error", TargetState: "error", Failed: true,
			Created: now.Add(-time.Duration(100+i) * time.Hour), LastActive: now.Add(-50 * time.Hour),
		})
	}
	return w
}
