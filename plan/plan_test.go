package plan

import (
	"encoding/json"
	"testing"
	"time"

	"fleet/spec"
)

func TestActionsAsText(t *testing.T) {
	for action, row := range actions {
		b, err := json.Marshal(action)
		same(t, "JSON", string(b), `"`+row.name+`"`)
		var back Action
		if err := json.Unmarshal(b, &back); err != nil {
			t.Error(err)
		}
		same(t, "read again", back, action)
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := json.Marshal(Action(0)); err == nil {
		t.Error("the zero action was marshalled")
	}
	if err := new(Action).UnmarshalText([]byte("destroy")); err == nil {
		t.Error("an unknown action was read")
	}
}

func TestCounts(t *testing.T) {
	p := story{
		was:  "sandboxes: {same: {}, change: {}, stop: {}, replace: {os_user: a}, adopt: {}, gone: {}, taken: {}}",
		then: "adopt unowned\ntaken of shop\nchange is public=true",
		spec: "sandboxes: {same: {}, change: {public: false}, stop: {state: stopped}, replace: {os_user: b}, adopt: {adopt: true}, taken: {}, new: {}}",
	}.plan(t)
	same(t, "counts", p.Counts(), Counts{Create: 1, Change: 2, Replace: 1, Destroy: 1, Adopt: 1, Unchanged: 1, Blocked: 1})
	same(t, "destroys", p.DestroyCount(), 2)
	same(t, "empty", p.Empty(), false)
	same(t, "blocked", len(p.Blocked()), 1)
	same(t, "empty", story{spec: boxes("w", 2)}.plan(t).Empty(), true)
}

func TestStale(t *testing.T) {
	web := resourceAt(t, parse(t, "sandboxes: {web: {}}"), "sandbox.web")
	seen := func() *Object { return newObject(t, web, spec.Facts{}, false) }
	tests := []struct {
		name   string
		change func(o *Object)
		want   string
	}{
		{"the same", func(*Object) {}, ""},
		{"stopped in between", func(o *Object) { o.State, o.TargetState = spec.Stopped, spec.Stopped }, ""},
		{"renamed", func(o *Object) { o.Name = "x" }, `it is now called "x"`},
		{"the platform's", func(o *Object) { o.Shared = true }, "it belongs to the platform"},
		{"of another fleet", func(o *Object) { o.Labels[spec.FleetLabel] = "x" }, "its ownership labels changed"},
		{"of another key", func(o *Object) { o.Labels[spec.KeyLabel] = "x" }, "its ownership labels changed"},
		{"protected", func(o *Object) { o.Labels[spec.ProtectLabel] = "true" }, "it was protected"},
	}
	for _, test := range tests {
		now := seen()
		test.change(now)
		same(t, test.name, (&Step{Have: seen()}).StaleReason(now), test.want)
	}
	same(t, "a step of a new object", (&Step{}).StaleReason(seen()), "")
}

func TestDrift(t *testing.T) {
	p := story{
		was: "snapshots: {idle: {image: 'a:1'}}\n" + `sandboxes:
  same: {}
  missing: {}
  ephemeral: {ephemeral: true}
  timed: {ttl_minutes: 5}
  fading: {auto_delete_interval: 5}
  lasting: {auto_delete_interval: -1}
  changed: {public: true}
  stopped: {state: started}
  broken: {}
  healed: {}
  alien: {}
  adopted: {adopt: true}
  surplus: {}
`,
		then: "missing gone\nephemeral gone\ntimed gone\nfading gone\nlasting gone\nchanged is public=false\nstopped stopped\nbroken error:\nhealed recoverable\nalien unowned\nadopted unowned",
		spec: "snapshots: {idle: {image: 'a:1', active: false}}\n" + `sandboxes:
  same: {}
  missing: {}
  ephemeral: {ephemeral: true}
  timed: {ttl_minutes: 5}
  fading: {auto_delete_interval: 5}
  lasting: {auto_delete_interval: -1}
  changed: {public: true}
  stopped: {state: started}
  broken: {}
  healed: {}
  alien: {}
  adopted: {adopt: true}
`,
	}.plan(t)
	got := map[string]Drift{}
	for _, s := range p.Steps {
		got[short(s.Address)] = s.Drift
	}
	same(t, "drift", got, map[string]Drift{
		"same": "", "missing": Missing, "ephemeral": Expected, "timed": Expected, "fading": Expected, "lasting": Missing,
		"changed": InPlace, "stopped": Expected, "broken": Replacement, "healed": InPlace, "alien": ForeignOwner,
		"adopted": ForeignOwner, "surplus": Surplus, "snapshot.idle": InPlace,
	})
}

// Changes by the platform are expected, even if the spec declares another state:
// sandboxes stop when idle, and unused snapshots become inactive.
func TestExpectedDrift(t *testing.T) {
	for _, s := range []story{
		{spec: "sandboxes: {web: {state: started, auto_stop_interval: 15}}", then: "web stopped"},
		{spec: "sandboxes: {web: {state: started, auto_stop_interval: 15}}", then: "web archived"},
		{spec: "snapshots: {base: {image: 'a:1', active: true}}", then: "snapshot.base inactive"},
	} {
		same(t, s.spec, s.plan(t).Steps[0].Drift, Expected)
	}
}

// Each step that destroys data names it.
func TestDataLoss(t *testing.T) {
	p := story{
		was:  "volumes: {tmp: {}}\n" + "snapshots: {base: {image: 'a:1'}}\n" + "sandboxes: {a: {state: started}, b: {}, c: {os_user: x}, d: {}, e: {on_remove: stop}, f: {on_remove: archive}, g: {on_remove: stop}}",
		then: "f stopped\ng is auto_delete_interval=0",
		spec: "owns: {volumes: [tmp]}\nsnapshots: {base: {image: 'a:2'}}\n" + "sandboxes: {a: {state: stopped}, c: {os_user: y}, d: {public: true}}",
	}.plan(t)
	got := map[string]string{}
	for _, s := range p.Steps {
		got[short(s.Address)] = s.DataLoss
	}
	const disk = "its disk and running processes"
	same(t, "loses", got, map[string]string{"a": "its running processes", "b": disk, "c": disk, "d": "", "e": "its running processes", "f": "", "g": "", "volume.tmp": "all files in it", "snapshot.base": ""})
}

// Archiving and builds have longer timeouts.
func TestTimeouts(t *testing.T) {
	p := story{
		was:  "sandboxes: {a: {}, b: {}, c: {}, gone: {on_remove: archive}, off: {on_remove: stop}}",
		then: "c archived",
		spec: "snapshots: {s: {image: 'a:1'}}\n" + "sandboxes: {a: {state: archived}, b: {state: stopped}, c: {state: started}, d: {timeout: 7m, state: archived}, e: {image: 'a:1'}}",
	}.plan(t)
	got := map[string]time.Duration{}
	for _, s := range p.Steps {
		got[short(s.Address)] = s.Timeout
	}
	same(t, "timeouts", got, map[string]time.Duration{
		"a": 2 * time.Hour, "b": 5 * time.Minute, "c": 5 * time.Minute, "d": 7 * time.Minute, "e": time.Hour,
		"gone": 2 * time.Hour, "off": 5 * time.Minute, "snapshot.s": time.Hour,
	})
}
