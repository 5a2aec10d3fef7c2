package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

// A block is the declaration of one sandbox in the model. Empty and zero fields are not
// declared.
type block struct {
	public, user, env, label string // user, env and label are texts; public is true or false
	cpu, disk                int
	ephemeral                bool

	state, protect, missing, failed, removed string
	adopt                                    bool
	ignore                                   []string
}

// A subject is one sandbox of a model: its applied declaration, the events since, and
// its current declaration. Subjects are independent of each other.
type subject struct {
	key, name string
	was, now  *block // nil: not declared
	formerKey string // it is declared as moved from there; empty: it did not move

	there       bool
	state       string // the run state that it is in, or on its way to
	moving      bool
	err         string // "", failed or recoverable
	owner       string // "", the fleet, shop (which the fleet was called once), rival
	manager     bool   // another tool marked it
	seal        string // right, missing or junk
	detailed    bool   // it was fully read
	drift       bool   // its public attribute was changed by another client
	forked      string // the name of a copy of it; empty: there is none
	keptProtect bool   // it has the label of protected sandboxes
	keptRemove  string // the value of its label for on_remove
}

// A model is a fleet of subjects and the options of a plan.
type model struct {
	subjects []*subject
	formerly bool // the fleet was called shop once
	opts     Options
}

func someBlock(t *rapid.T, ephemeral bool) *block {
	b := &block{ephemeral: ephemeral}
	b.public = oneOf(t, "public", "", "", "true", "false")
	b.user = oneOf(t, "user", "", "", "", "root", "daytona")
	b.env = oneOf(t, "env", "", "", "1", "1", "2")
	b.label = oneOf(t, "label", "", "", "1", "2")
	b.cpu = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "cpu")
	b.disk = rapid.SampledFrom([]int{0, 0, 3, 9}).Draw(t, "disk")
	b.protect = oneOf(t, "protect", "", "", "", "true", "false")
	b.missing = oneOf(t, "on_missing", "", "", "recreate", "ignore")
	b.failed = oneOf(t, "on_error", "", "recover", "replace", "report")
	b.removed = oneOf(t, "on_remove", "", "", "delete", "release", "stop", "archive")
	b.adopt = rapid.Bool().Draw(t, "adopt")
	if ephemeral { // the spec refuses what would delete it
		b.removed = oneOf(t, "on_remove of an ephemeral one", "", "delete", "release")
	} else {
		b.state = oneOf(t, "state", "", "", "started", "stopped", "archived")
	}
	for _, path := range []string{"public", "os_user", "env_vars", "resources", "labels"} {
		if rapid.IntRange(0, 9).Draw(t, "ignore "+path) == 0 {
			b.ignore = append(b.ignore, path)
		}
	}
	return b
}

func someSubject(t *rapid.T, i int) *subject {
	s := &subject{key: fmt.Sprintf("s%d", i), name: fmt.Sprintf("name-%d", i)}
	ephemeral := rapid.IntRange(0, 5).Draw(t, "ephemeral") == 0
	s.was = someBlock(t, ephemeral)
	if rapid.IntRange(0, 4).Draw(t, "declared") > 0 {
		s.now = someBlock(t, ephemeral)
		if rapid.Bool().Draw(t, "as before") {
			same := *s.was
			s.now = &same
		}
		if rapid.IntRange(0, 5).Draw(t, "moved") == 0 {
			s.formerKey = "old-" + s.key
		}
	}
	s.there = rapid.IntRange(0, 5).Draw(t, "there") > 0
	s.state = oneOf(t, "run state", "started", "started", "stopped", "archived")
	s.moving = rapid.IntRange(0, 5).Draw(t, "moving") == 0
	s.err = oneOf(t, "error", "", "", "", "", "failed", "recoverable")
	s.owner = oneOf(t, "owner", fleetName, fleetName, fleetName, fleetName, "shop", "rival", "")
	s.manager = rapid.IntRange(0, 3).Draw(t, "managed") == 0 && s.owner == ""
	s.seal = oneOf(t, "seal", "right", "right", "right", "missing", "junk")
	s.detailed = rapid.IntRange(0, 3).Draw(t, "detailed") == 0
	s.drift = rapid.IntRange(0, 5).Draw(t, "drift") == 0
	s.keptProtect, s.keptRemove = s.was.protect == "true", s.was.removed
	if rapid.IntRange(0, 9).Draw(t, "labelled") == 0 {
		s.keptRemove = oneOf(t, "kept on_remove", "delete", "stop", "archive", "release")
	}
	if rapid.IntRange(0, 9).Draw(t, "fork") == 0 {
		s.forked = oneOf(t, "called", "copy-of-"+s.name, "DESTROYED_"+s.name+"_1795430199000")
	}
	return s
}

func someModel(t *rapid.T) *model {
	m := &model{formerly: rapid.Bool().Draw(t, "formerly"), opts: randomOptions(t)}
	for i := range rapid.SampledFrom([]int{1, 2, 3, 5, 8, 13, 40}).Draw(t, "subjects") {
		m.subjects = append(m.subjects, someSubject(t, i))
	}
	return m
}

// text is the block in YAML.
func (b *block) text(name string) string {
	said := []string{"name: " + name, "image: 'a:1'"}
	say := func(key, value string) {
		if value != "" {
			said = append(said, key+": "+value)
		}
	}
	say("public", b.public)
	say("os_user", b.user)
	if b.env != "" {
		say("env_vars", "{A: x"+b.env+"}")
	}
	if b.label != "" {
		say("labels", "{x: y"+b.label+"}")
	}
	var resources []string
	if b.cpu > 0 {
		resources = append(resources, fmt.Sprint("cpu: ", b.cpu))
	}
	if b.disk > 0 {
		resources = append(resources, fmt.Sprint("disk: ", b.disk))
	}
	if resources != nil {
		say("resources", "{"+strings.Join(resources, ", ")+"}")
	}
	if b.ephemeral {
		say("ephemeral", "true")
	}
	say("state", b.state)
	say("protect", b.protect)
	say("on_missing", b.missing)
	say("on_error", b.failed)
	say("on_remove", b.removed)
	say("adopt", fmt.Sprint(b.adopt))
	if b.ignore != nil {
		say("ignore", "["+strings.Join(b.ignore, ", ")+"]")
	}
	return "{" + strings.Join(said, ", ") + "}"
}

// specs returns the applied spec and the current one.
func (m *model) specs() (was, now string) {
	was, now = "sandboxes:\n  other: {}\n", "sandboxes:\n  other: {}\n"
	var moved []string
	if m.formerly {
		moved = append(moved, "{from: fleet.shop}")
	}
	for _, s := range m.subjects {
		was += "  " + s.formerly() + ": " + s.was.text(s.name) + "\n"
		if s.now != nil {
			now += "  " + s.key + ": " + s.now.text(s.name) + "\n"
		}
		if s.formerKey != "" {
			moved = append(moved, fmt.Sprintf("{from: sandbox.%s, to: sandbox.%s}", s.formerKey, s.key))
		}
	}
	return was, now + "moved: [" + strings.Join(moved, ", ") + "]\n"
}

// formerly returns the key under which the subject was created.
func (s *subject) formerly() string {
	if s.formerKey != "" {
		return s.formerKey
	}
	return s.key
}

// world returns the world after the events.
func (m *model) world(t testing.TB, was *spec.Fleet) *World {
	w := newWorld(t, was)
	for _, s := range m.subjects {
		o := w.find(t, spec.SandboxKind, s.name)
		if !s.there {
			w.drop(spec.SandboxKind, o)
			continue
		}
		s.applyEvent(t, w, resourceAt(t, was, "sandbox."+s.formerly()), o)
	}
	return w
}

func (s *subject) applyEvent(t testing.TB, w *World, r *spec.Resource, o *Object) {
	if s.detailed {
		o.Object = newObject(t, r, w.Facts, true).Object
	}
	if s.drift {
		o.set(t, spec.SandboxKind, "public", s.was.public != "true")
	}
	o.State, o.TargetState = s.state, s.state
	if s.moving {
		o.State = "resizing"
	}
	if s.err != "" {
		o.State, o.TargetState, o.Failed, o.Recoverable = "error", "error", true, s.err == "recoverable"
	}
	switch s.seal {
	case "missing":
		delete(o.Labels, spec.FingerprintLabel)
	case "junk":
		o.Labels[spec.FingerprintLabel] = "not a seal"
	}
	if s.keptRemove != "" {
		o.Labels[spec.RemoveLabel] = s.keptRemove
	}
	if s.owner == "" {
		o.Labels = spec.WithoutFleetLabels(o.Labels)
	} else {
		o.Labels[spec.FleetLabel] = s.owner
	}
	if s.manager {
		o.Labels["managed-by"] = "terraform"
	}
	if s.forked != "" {
		w.fork(t, o, s.forked)
	}
}

// TestModel compares plans with a model of a few rules for single sandboxes. It applies
// the plans to the world and plans again.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := someModel(rt)
		was, now := m.specs()
		f := parse(t, now)
		w := m.world(t, parse(t, was))
		w.observe(f)
		p := mustCompute(f, w, m.opts)
		if wrong := m.compare(p); wrong != "" {
			rt.Fatalf("%s\nof\n%s\nthat was\n%s\n%+v", wrong, now, was, m.opts)
		}
		if m.opts.Destroy || len(p.Blocked()) > 0 {
			return
		}
		s := &server{t: t, rt: rt, fleet: f, world: w}
		s.execute(p)
		w.observe(f)
		if again := mustCompute(f, w, m.opts); !again.Empty() || len(again.Blocked()) > 0 {
			rt.Fatalf("after\n%s\nthere is still\n%s\nof\n%s\nthat was\n%s", lines(p), lines(again), now, was)
		}
	})
}

// compare returns the first difference between the plan and the model, or "".
func (m *model) compare(p *Plan) string {
	steps := map[string]*Step{}
	for _, s := range p.Steps {
		steps[s.Address.Key] = s
	}
	want := m.expect()
	for _, s := range m.subjects {
		step := steps[s.key]
		if m.opts.Destroy { // moved sandboxes are deleted under their former keys
			step = steps[s.formerly()]
		}
		if got := notation(step); got != want[s] {
			return fmt.Sprintf("%s: the model says %q, the plan %q: %s\n%+v", s.key, want[s], got, line(orEmpty(step)), *s)
		}
		delete(steps, s.key)
		delete(steps, s.formerly())
	}
	delete(steps, "other")
	for _, s := range steps {
		return "a step too many: " + line(s)
	}
	for _, s := range m.subjects {
		if warned := slices.ContainsFunc(p.Warnings, func(w string) bool { return strings.Contains(w, s.forked) }); s.forked != "" && s.there && !warned && m.hasFleetName(s.owner) {
			return s.forked + " is not spoken of"
		}
	}
	return ""
}

// orEmpty returns s, or an empty step for nil.
func orEmpty(s *Step) *Step {
	if s == nil {
		return &Step{Action: NoOp}
	}
	return s
}

// notation returns a step in the notation of the model.
func notation(s *Step) string {
	switch {
	case s == nil:
		return "none"
	case s.Blocked != nil:
		return "blocked: " + string(s.Blocked.Kind)
	case s.Action == NoOp && s.RetainedReason != "":
		return "kept"
	case s.Action == NoOp:
		return "nothing"
	}
	return fmt.Sprintf("%s in %d", s.Action, len(s.Ops))
}
