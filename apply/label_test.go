package apply_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

const named = "version: 1\nname: %s\nsandboxes: {%s}\n%s\n"

// settled applies a spec until nothing is left to do.
func (d *daytona) settled(text string) {
	d.t.Helper()
	if r := d.run(d.plan(parse(d.t, text), plan.Options{})); !r.OK() {
		d.t.Fatal(outcome(r))
	}
	d.log()
}

// labels returns the labels of the sandbox with a name.
func (d *daytona) labels(name string) map[string]string {
	d.t.Helper()
	var s struct{ Labels map[string]string }
	if err := json.Unmarshal(d.send("GET", "/api/sandbox/"+name, nil), &s); err != nil {
		d.t.Fatal(err)
	}
	return s.Labels
}

func (d *daytona) relabel(name string, change func(map[string]string)) {
	d.t.Helper()
	labels := d.labels(name)
	change(labels)
	d.send("PUT", "/api/sandbox/"+name+"/labels", map[string]any{"labels": labels})
	d.log()
}

// TestLabelsOfAnother checks that a sandbox that another fleet took over or protected
// after the plan was made keeps its labels.
func TestLabelsOfAnother(t *testing.T) {
	before := fmt.Sprintf(named, "demo", "web: {}, old: {}", "")
	released := fmt.Sprintf(named, "demo", "web: {}", "removed: [{from: sandbox.old, destroy: false}]")
	renamed := fmt.Sprintf(named, "shop", "web: {}, old: {}", "moved: [{from: fleet.demo}]")
	take := func(l map[string]string) { l["fleet-name"] = "another" }
	for _, tt := range []struct {
		name, spec, want string
		change           func(map[string]string)
	}{
		{"released and taken", released, "its ownership labels changed", take},
		{"released and protected", released, "it was protected", func(l map[string]string) { l["fleet-protect"] = "true" }},
		{"released by hand", released, "", func(l map[string]string) { clear(l) }},
		{"released with a label of somebody", released, "", func(l map[string]string) { l["theirs"] = "x" }},
		{"renamed and taken", renamed, `it belongs to the fleet "another"`, take},
		{"renamed by somebody else", renamed, "", func(l map[string]string) { l["fleet-name"] = "shop" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				d.settled(before)
				p := d.plan(parse(t, tt.spec), plan.Options{})
				d.relabel("old", tt.change)
				was := d.labels("old")
				r := d.run(p)
				d.log()
				if tt.want == "" {
					if !r.OK() {
						t.Fatal(outcome(r))
					}
					if left, had := d.labels("old")["theirs"], was["theirs"]; left != had {
						t.Errorf("the label of somebody else is %q, was %q", left, had)
					}
					return
				}
				if r.Count(apply.Failed) != 1 || !strings.Contains(outcome(r), tt.want) {
					t.Fatalf("want %q:\n%s", tt.want, outcome(r))
				}
				if now := d.labels("old"); fmt.Sprint(now) != fmt.Sprint(was) {
					t.Errorf("labels %v became %v", was, now)
				}
			})
		})
	}
}

// TestFormerFleetIsWaitedFor checks that the deletion of sandboxes with a former name of
// the fleet is waited for, even if there are many.
func TestFormerFleetIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Delete: 5 * time.Second}})
		defer d.close()
		d.settled(fmt.Sprintf(named, "demo", "w: {count: 40}", ""))
		p := d.plan(parse(t, fmt.Sprintf(named, "shop", "", "moved: [{from: fleet.demo}]")), plan.Options{Destroy: true})
		r := d.run(p)
		if !r.OK() || len(r.Results) != 40 {
			t.Fatalf("%d results:\n%s", len(r.Results), outcome(r))
		}
		if r.Duration < 5*time.Second {
			t.Errorf("deletions that take 5s are said to be done after %s", r.Duration)
		}
	})
}

// TestKeptOfFormerFleet checks that sandboxes that are retained under a former name of
// the fleet get the new one, and then stay unchanged.
func TestKeptOfFormerFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		d.settled(fmt.Sprintf(named, "demo", "web: {}, old: {on_remove: archive, labels: {team: a}}", ""))
		f := parse(t, fmt.Sprintf(named, "shop", "web: {}", "moved: [{from: fleet.demo}]"))
		if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		if l := d.labels("old"); l["fleet-name"] != "shop" || l["fleet-key"] != "old" || l["team"] != "a" || l["fleet-remove"] != "archive" {
			t.Errorf("labels are %v", l)
		}
		d.log()
		if again := d.plan(f, plan.Options{}); !again.Empty() || again.Counts().Retained != 1 {
			t.Errorf("%+v\n%s", again.Counts(), story(again))
		}
	})
}
