package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/spec"
)

// save returns a plan, saved and read again.
func save(t testing.TB, p *Plan, f *spec.Fleet, opts Options) *Saved {
	t.Helper()
	s := p.ToSaved(f, Origin{Program: "test", Spec: SavedSpec{Digest: f.Fingerprint(), Files: []string{"fleet.yaml"}}, Options: opts.ToSaved()})
	s.Created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	text, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadSaved(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	same(t, "digest", again.Digest, s.Digest)
	return again
}

// compared returns a comparison in lines.
func compared(c Comparison) string {
	var list []string
	for _, s := range c.Stale {
		list = append(list, "stale "+strings.TrimPrefix(s.String(), "sandbox."))
	}
	for _, a := range c.Done {
		list = append(list, "done "+short(a))
	}
	for _, s := range c.Pending {
		line := s.Action.String() + " " + short(s.Address)
		if s.Blocked != nil {
			line += " blocked"
		}
		list = append(list, line)
	}
	return strings.Join(list, "\n")
}

// TestSavedPlans saves a plan and compares it after further events.
func TestSavedPlans(t *testing.T) {
	const was = "sandboxes: {web: {public: true, state: started}, old: {}, db: {os_user: a}}"
	const now = "sandboxes: {web: {public: false, state: started}, db: {os_user: b}, new: {}}"
	const all = "update web\nreplace db\ncreate new\ndelete old"
	tests := []struct{ name, was, before, spec, then, want string }{
		{name: "nothing happened", want: all},
		{name: "another name", then: "web called x", want: "stale web: it is gone; it would be created, not updated"},
		{name: "other labels of ours", then: "db labelled fleet-seal=1uxxx", want: "stale db: its fingerprint changed: another apply changed it"},
		{name: "another fleet's", then: "old of shop", want: "done old\nupdate web\nreplace db\ncreate new"},
		{name: "protected", then: "old labelled fleet-protect=true", want: "stale old: it was protected; it is blocked: it is protected: it may not be deleted or replaced"},
		{name: "an attribute that the step changes", then: "web is public=false", want: "done web\nreplace db\ncreate new\ndelete old"},
		{name: "an attribute that no step speaks of", then: "db is auto_stop_interval=99", want: all},
		{name: "stopped by itself", then: "old stopped\ndb archived", want: all},
		{name: "started, and to go", before: "old stopped", then: "old started", want: "stale old: it is started, and was stopped: it may be in use"},
		{name: "gone", then: "db gone", want: "stale db: it is gone; it would be created, not replaced"},
		{name: "gone as planned", then: "old gone", want: "done old\nupdate web\nreplace db\ncreate new"},
		{name: "failed", then: "web error: bad luck", want: "stale web: it would be replaced (it is in state error: bad luck), not updated"},
		{name: "another step", then: "web stopped", want: "stale web: it would take other operations: POST public/false, start, not POST public/false"},
		{name: "another change", was: "sandboxes: {web: {public: true, auto_stop_interval: 5}}", spec: "sandboxes: {web: {public: false, auto_stop_interval: 5}}", then: "web is auto_stop_interval=9", want: "stale web: its auto_stop_interval would be changed, too"},
		{name: "another value", was: "sandboxes: {web: {auto_stop_interval: 5}}", spec: "sandboxes: {web: {auto_stop_interval: 7}}", then: "web is auto_stop_interval=9", want: "stale web: its auto_stop_interval changed; its auto_stop_interval has changed"},
		{name: "half of it", was: "sandboxes: {web: {auto_stop_interval: 5, public: true}}", spec: "sandboxes: {web: {auto_stop_interval: 7, public: false}}", then: "web is public=false", want: "stale web: its public already matches the spec"},
		{name: "stopped already", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {state: stopped}}", then: "web stopped", want: "done web"},
		{name: "what it needs", was: "snapshots: {base: {image: 'a:1'}}", spec: "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base}}", then: "snapshot.base inactive", want: "stale snapshot.base: sandbox.web needs it, and the saved plan does not activate it"},
		{name: "elsewhere", was: was + "\nvolumes: {v: {}}", spec: now + "\nvolumes: {v: {}}", then: "volume.v error: x", want: all},
		{name: "what it needs is blocked", was: "snapshots: {base: {image: 'a:1', protect: true}}", spec: "snapshots: {base: {image: 'a:2', protect: true}}\nsandboxes: {web: {snapshot: base}, db: {}}", want: "replace snapshot.base blocked\ncreate web\ncreate db"},
		{name: "what it needs was blocked, and is not by now", was: "snapshots: {base: {image: 'a:1'}}\nsandboxes: {user: {snapshot: base}}", spec: "snapshots: {base: {image: 'a:2'}}\nsandboxes: {user: {snapshot: base}, db: {}}", before: "snapshot.base used by x", then: "snapshot.base used by", want: "replace snapshot.base blocked\nreplace user\ncreate db"},
		{name: "recovering", was: "sandboxes: {web: {}}", before: "web recoverable x", spec: "sandboxes: {web: {}}", then: "web error: x", want: "stale web: it would be replaced (it is in state error: x), not recovered"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.was == "" {
				test.was, test.spec = was, now
			}
			opts := Options{AllowDestroy: 100}
			f := parse(t, test.spec)
			p := story{was: test.was, spec: test.spec, then: test.before, opts: opts}.plan(t)
			s := save(t, p, f, opts)
			again := story{was: test.was, spec: test.spec, then: test.before + "\n" + test.then, opts: s.ReplanOptions()}.plan(t)
			c := s.Compare(again, f)
			got := compared(c)
			if len(c.Stale) > 0 { // nothing is applied then
				c.Pending, c.Done = nil, nil
				got = compared(c)
			}
			same(t, "comparison", got, test.want)
		})
	}
}

// A step that is blocked in the saved plan stays blocked, unless its object matches the
// spec meanwhile.
func TestBlockedStepsStayBlocked(t *testing.T) {
	const was = "sandboxes: {web: {}, db: {public: true}}"
	const now = "sandboxes: {web: {}, db: {public: false}}"
	f := parse(t, now)
	s := save(t, story{was: was, spec: now, then: "web of shop"}.plan(t), f, Options{})
	for then, want := range map[string]string{
		"web of shop":  "create web blocked\nupdate db",
		"":             "no-op web\nupdate db",
		"web gone":     "create web blocked\nupdate db",
		"web error: x": "create web blocked\nupdate db",
	} {
		same(t, then, compared(s.Compare(story{was: was, spec: now, then: then}.plan(t), f)), want)
	}
}

// TestPrecondition breaks each condition that a step depends on.
func TestPrecondition(t *testing.T) {
	seen := Precondition{ID: "1", Name: "web", Fleet: "demo", Key: "web", Fingerprint: "1ux", State: spec.Started, Attributes: map[string]string{"public": "a"}}
	tests := []struct {
		name   string
		change func(p *Precondition)
		verb   Verb
		action Action
		want   string
	}{
		{"the same", func(*Precondition) {}, DoStop, Stop, ""},
		{"id", func(p *Precondition) { p.ID = "2" }, DoCall, Update, "it is another object: its id is 2, not 1"},
		{"name", func(p *Precondition) { p.Name = "x" }, DoCall, Update, `it is called "x", not "web"`},
		{"fleet", func(p *Precondition) { p.Fleet = "" }, DoCall, Update, "its ownership labels changed: it is unowned, not sandbox.web of the fleet demo"},
		{"key", func(p *Precondition) { p.Key = "x" }, DoCall, Update, "its ownership labels changed: it is sandbox.x of the fleet demo, not sandbox.web of the fleet demo"},
		{"seal", func(p *Precondition) { p.Fingerprint = "" }, DoDelete, Delete, "its fingerprint changed: another apply changed it"},
		{"protection", func(p *Precondition) { p.Protected = true }, DoDelete, Delete, "it was protected"},
		{"whose it is", func(p *Precondition) { p.Shared = true }, DoDelete, Delete, "it belongs to the platform"},
		{"attribute", func(p *Precondition) { p.Attributes = map[string]string{"public": "b"} }, DoCall, Update, "its public changed"},
		{"state, on which a stop depends", func(p *Precondition) { p.State = spec.Paused }, DoStop, Stop, "it is paused, and was started"},
		{"state, on which a call does not", func(p *Precondition) { p.State = spec.Paused }, DoCall, Update, ""},
		{"state, and less is lost", func(p *Precondition) { p.State = spec.Stopped }, DoDelete, Delete, ""},
	}
	for _, test := range tests {
		now := seen
		test.change(&now)
		s := &Step{Action: test.action, Ops: []Op{{Verb: test.verb}}}
		same(t, test.name, strings.Join(seen.violations(s, &now), "; "), test.want)
	}
	same(t, "gone", seen.violations(&Step{}, nil), []string{"it is gone"})
	same(t, "of what was not there", (*Precondition)(nil).violations(&Step{}, &seen), nil)
}

// appliedSteps returns the steps that are applied if blocked ones are skipped.
func appliedSteps(p *Plan) []string {
	list := []string{}
	held := p.BlockedBy()
	for _, s := range p.Steps {
		if s.Action != NoOp && held[s.Address] == (spec.Address{}) {
			list = append(list, s.Address.String())
		}
	}
	return list
}

// Without further events, a saved plan is equal to the plan, blocked steps included.
func TestSavedPlanIsThePlan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		opts.Destroy, opts.NoDestroy = false, false
		p := mustCompute(f, w, opts)
		s := save(t, p, f, opts)
		text, _ := s.Encode()
		if strings.Contains(string(text), secret) {
			rt.Fatalf("the file tells a secret:\n%s", text)
		}
		shown := s.Plan()
		same(t, "counts", shown.Counts(), p.Counts())
		requireShownChanges(rt, shown, p)
		requireVersion1(rt, p, f, opts)
		again := mustCompute(f, w, s.ReplanOptions())
		c := s.Compare(again, f)
		if len(c.Stale)+len(c.Done) > 0 {
			rt.Fatalf("in the same world:\n%s\nof\n%s", compared(c), lines(p))
		}
		same(t, "what is done", appliedSteps(&Plan{Steps: c.Pending}), appliedSteps(p))
		if t.Failed() {
			rt.Fatal(lines(p))
		}
	})
}

// requireShownChanges requires that the changes of a plan that was saved and read are
// those of the plan, in text and in JSON.
func requireShownChanges(t *rapid.T, shown, p *Plan) {
	t.Helper()
	steps := map[spec.Address]*Step{}
	for _, s := range p.Steps {
		steps[s.Address] = s
	}
	for _, s := range shown.Steps {
		got, want := changeLines(s), changeLines(steps[s.Address])
		if got != want {
			t.Fatalf("%s is shown with\n%s\nand was planned with\n%s", s.Address, got, want)
		}
	}
}

// changeLines returns the changes of a step, one in each line.
func changeLines(s *Step) string {
	var b strings.Builder
	for _, c := range s.Changes {
		fmt.Fprintf(&b, "%s %s -> %s (%s -> %s, %v)\n", c.Attribute, c.Have, c.Want, c.HaveValue, c.WantValue, c.Sensitive)
	}
	return b.String()
}

// requireVersion1 requires that a plan that was saved in version 1 is read, is up to
// date, and has only texts.
func requireVersion1(t *rapid.T, p *Plan, f *spec.Fleet, opts Options) {
	t.Helper()
	s := p.ToSaved(f, Origin{Spec: SavedSpec{Files: []string{"fleet.yaml"}}, Options: opts.ToSaved()})
	s.Version, s.Steps = textVersion, []SavedStep{}
	for _, step := range p.Steps {
		if step.Action != NoOp || step.RetainedReason != "" {
			s.Steps = append(s.Steps, toSavedStep(step, f.RedactSensitive, textVersion))
		}
	}
	var err error
	if s.Digest, err = s.digest(); err != nil {
		t.Fatal(err)
	}
	text, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadSaved(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if c := read.Compare(p, f); len(c.Stale) > 0 {
		t.Fatalf("saved in version 1:\n%s", compared(c))
	}
	shown := read.Plan()
	if !shown.TextOnly {
		t.Fatal("the values are not said to be text")
	}
	for i, step := range shown.Steps {
		for k, c := range step.Changes {
			was := s.Steps[i].Changes[k]
			if c.Have != was.Have || c.Want != was.Want || !c.HaveValue.IsZero() || !c.WantValue.IsZero() {
				t.Fatalf("%s: the change is %+v, and was saved as %+v", step.Address, c, was)
			}
		}
	}
}

func TestDigestDistinguishesPlans(t *testing.T) {
	digest := func(text, then string, opts Options) string {
		p := story{was: "sandboxes: {web: {public: true}, db: {}}", spec: text, then: then, opts: opts}.plan(t)
		return p.ToSaved(parse(t, text), Origin{Options: opts.ToSaved()}).Digest
	}
	first := digest("sandboxes: {web: {public: false}, db: {}}", "", Options{})
	same(t, "again", digest("sandboxes: {web: {public: false}, db: {}}", "", Options{}), first)
	for name, other := range map[string]string{
		"another step":   digest("sandboxes: {web: {public: false}}", "", Options{}),
		"another id":     digest("sandboxes: {web: {public: false}, db: {}}", "web of shop", Options{}),
		"another option": digest("sandboxes: {web: {public: false}, db: {}}", "", Options{AllowDestroy: 1}),
		"a selection":    digest("sandboxes: {web: {public: false}, db: {}}", "", Options{Select: Selection{Targets: selectors(t, "sandbox.web")}}),
	} {
		if other == first {
			t.Errorf("%s has the same digest", name)
		}
	}
}

func TestReadSaved(t *testing.T) {
	p := story{was: "sandboxes: {web: {}}", spec: "sandboxes: {db: {}}", opts: Options{AllowDestroy: 9}}.plan(t)
	b, err := p.ToSaved(parse(t, "sandboxes: {db: {}}"), Origin{}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, edit := range [][2]string{
		{`"id-of-web"`, `"id-of-other"`},
		{`"delete"`, `"update"`},
		{`"sandbox.db"`, `"sandbox.dc"`},
		{`"state": "started"`, `"state": "stopped"`},
		{`"url": ""`, `"url": "x"`},
		{`"fleet": "demo"`, `"fleet": "other"`},
		{`"steps": [`, `"more": 1, "steps": [`},
		{`"options": {}`, `"options": {"allow_destroy": 99}`},
		{`"digest": "sha256:`, `"digest": "sha256:0`},
		{`"action": "create"`, `"action": "destroy"`},
		{`"action": "create"`, `"needed_by": ""`},
	} {
		edited := strings.Replace(text, edit[0], edit[1], 1)
		if edited == text {
			t.Fatalf("there is no %s in\n%s", edit[0], text)
		}
		if _, err := ReadSaved([]byte(edited)); !errors.Is(err, ErrEdited) {
			t.Errorf("with %s: %v", edit[1], err)
		}
	}
	for other, want := range map[string]string{
		"":              "it is not a saved plan: unexpected end of JSON input",
		"version: 1":    "it is not a saved plan: invalid character 'v' looking for beginning of value",
		"{}":            "it is not a saved plan; fleet plan --save writes one",
		text[:99]:       "it is not a saved plan: unexpected end of JSON input",
		`{"version":2}`: "it is not a saved plan; fleet plan --save writes one",
		`{"version":3}`: "it has version 3 of the saved-plan format, and this version of fleet reads 2; use the version that saved it",
	} {
		if _, err := ReadSaved([]byte(other)); err == nil || err.Error() != want {
			t.Errorf("%q: %v", other, err)
		}
	}
}

// FuzzReadSaved reads arbitrary files.
func FuzzReadSaved(f *testing.F) {
	f.Add([]byte(`{"version":1,"digest":"sha256:0","spec":{},"steps":[{}]}`))
	f.Add([]byte(`{"version":2,"digest":"sha256:0","spec":{},"steps":[{"address":"sandbox.a","action":"update","changes":[{"attribute":"labels","have":{"a":1},"want":null}]}]}`))
	f.Add([]byte(`{"version":1,"digest":"sha256:0","spec":{},"steps":[{"address":"sandbox.a","action":"create"}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if s, err := ReadSaved(text); err == nil {
			s.Plan().Counts()
			s.ReplanOptions()
		}
	})
}
