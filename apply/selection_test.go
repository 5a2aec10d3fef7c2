package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// TestPartsMakeTheWhole applies a random spec over another one in two parts, in any
// order, and at once: the result is the same.
func TestPartsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		was, now := randomSpec(rt, true), randomSpec(rt, true)
		seed := rapid.Uint64().Draw(rt, "parts")
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = parts(t, was, now, seed) })
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

func parts(t *testing.T, was, now string, seed uint64) string {
	opts := plan.Options{AllowDestroy: 1000, CreateMissing: true}
	var worlds []string
	for _, inParts := range []bool{false, true} {
		d := newDaytona(t, emulator.Options{APIVersion: emulator.Version205})
		defer d.close()
		d.settle(true, nil)
		before, after := parse(t, was), parse(t, now)
		if p := d.plan(before, opts); len(p.Blocked()) > 0 || !d.run(p).OK() {
			return ""
		}
		whole := d.plan(after, opts)
		if len(whole.Blocked()) > 0 {
			return ""
		}
		steps := []plan.Options{opts}
		if inParts {
			steps = halves(whole, opts, seed)
		}
		for _, o := range steps {
			p, err := d.tryPlan(after, o)
			if err != nil {
				return fmt.Sprintf("%v\n%s", err, story(whole))
			}
			if slices.ContainsFunc(p.Blocked(), func(s *plan.Step) bool { return s.Blocked.Kind == plan.Unavailable }) {
				return "" // the repair of its group is in the other part
			}
			if r := d.run(p); !r.OK() {
				return fmt.Sprintf("a part:\n%s%s\nof\n%s", outcome(r), story(p), story(whole))
			}
		}
		if again := d.plan(after, opts); !again.Empty() {
			return fmt.Sprintf("in parts %v, and there is more to do:\n%s\nof\n%s\n%s\n%s", inParts, story(again), story(whole), was, now)
		}
		worlds = append(worlds, d.fleetOf(after))
	}
	if worlds[0] != worlds[1] {
		return fmt.Sprintf("at once:\n%s\nin parts:\n%s", worlds[0], worlds[1])
	}
	return ""
}

// halves returns the options that plan the steps of a plan in two parts.
func halves(p *plan.Plan, opts plan.Options, seed uint64) []plan.Options {
	among := [2]plan.AddressFilter{{Source: "one half"}, {Source: "the other"}}
	for i, s := range p.Steps {
		half := seed >> (i % 64) & 1
		among[half].Addresses = append(among[half].Addresses, s.Address)
	}
	list := []plan.Options{opts, opts}
	for i := range list {
		list[i].Select = plan.Selection{AddressFilters: among[i : i+1]}
	}
	return list
}

// fleetOf returns the objects as text, without what differs from run to run. It leaves out
// versions of snapshots that have none in f: once no sandbox uses them, nothing proves that
// they are the fleet's.
func (d *daytona) fleetOf(f *spec.Fleet) string {
	isFormer := func(name any) bool {
		return slices.ContainsFunc(f.OfKind(spec.SnapshotKind), func(r *spec.Resource) bool {
			_, ok := r.VersionIn(fmt.Sprint(name))
			return ok && !r.Versioned()
		})
	}
	var lines []string
	for _, path := range []string{"/api/sandbox/paginated?limit=200", "/api/snapshots?limit=200", "/api/volumes"} {
		var page struct{ Items []map[string]any }
		answer := d.send("GET", path, nil)
		if json.Unmarshal(answer, &page) != nil {
			_ = json.Unmarshal(answer, &page.Items)
		}
		for _, o := range page.Items {
			if isFormer(o["name"]) {
				continue
			}
			labels, _ := json.Marshal(o["labels"])
			lines = append(lines, fmt.Sprint(path, " ", o["name"], " ", o["public"], " ", o["autoStopInterval"], " ", string(labels)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A saved plan that was executed in part is executed to its end, or refused; it never
// does anything else.
func TestSavedPlanAfterAnInterrupt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		was, now := randomSpec(rt, true), randomSpec(rt, true)
		stop := rapid.IntRange(0, 12).Draw(rt, "requests")
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = resumed(t, was, now, stop) })
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

// runUntil executes a plan until a number of steps have started an operation.
func (d *daytona) runUntil(p *plan.Plan, n int) {
	stop := make(chan struct{})
	apply.Run(context.Background(), d.api, p, apply.Options{Parallelism: 2, Stop: stop}, func(e apply.Event) {
		if e.Phase == apply.Working {
			if n--; n == -1 {
				close(stop)
			}
		}
	})
}

func resumed(t *testing.T, was, now string, stop int) string {
	opts := plan.Options{AllowDestroy: 1000}
	d := newDaytona(t, emulator.Options{APIVersion: emulator.Version205})
	defer d.close()
	d.settle(true, nil)
	before, after := parse(t, was), parse(t, now)
	if p := d.plan(before, opts); len(p.Blocked()) > 0 || !d.run(p).OK() {
		return ""
	}
	p := d.plan(after, opts)
	if len(p.Blocked()) > 0 {
		return ""
	}
	saved := p.ToSaved(after, plan.Origin{Options: opts.ToSaved()})
	d.runUntil(p, stop)
	again := d.plan(after, saved.ReplanOptions())
	c := saved.Compare(again, after)
	if len(c.Stale) > 0 {
		return ""
	}
	done := map[spec.Address]bool{}
	for _, a := range c.Done {
		done[a] = true
	}
	for _, s := range c.Pending {
		if done[s.Address] {
			return fmt.Sprintf("%s is done and to be done", s.Address)
		}
	}
	again.Steps = c.Pending
	if r := d.run(again); !r.OK() {
		return fmt.Sprintf("%sof\n%s", outcome(r), story(again))
	}
	if rest := d.plan(after, opts); !rest.Empty() {
		return fmt.Sprintf("there is more to do:\n%s\nafter\n%s\nof\n%s", story(rest), story(again), story(p))
	}
	return ""
}
