package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// The rules of the model, written independently of the planner.

// hasFleetName reports whether a fleet's name is one that the fleet has or had.
func (m *model) hasFleetName(owner string) bool {
	return owner == fleetName || owner == "shop" && m.formerly
}

// expect returns the expected step of each subject.
func (m *model) expect() map[*subject]string {
	want := map[*subject]string{}
	existing, goes, deleted := 1, []*subject{}, 0 // one more sandbox is there, and stays
	for _, s := range m.subjects {
		want[s] = m.expectOne(s)
		ours := s.there && m.hasFleetName(s.owner)
		left := s.now == nil && want[s] == "kept"
		if ours && !left {
			existing++
		}
		switch want[s] {
		case "delete in 1", "delete in 2":
			deleted++
			goes = append(goes, s)
		case "replace in 2", "replace in 3", "replace in 4", "replace in 5":
			goes = append(goes, s)
		}
	}
	if m.opts.Destroy || len(goes) == 0 || len(goes) <= m.opts.AllowDestroy {
		return want
	}
	if m.opts.NoDestroy || len(goes) > 10 && 5*len(goes) > existing || deleted == existing {
		for _, s := range goes {
			want[s] = "blocked: blast radius"
		}
	}
	return want
}

func (m *model) expectOne(s *subject) string {
	switch ours := s.there && m.hasFleetName(s.owner); {
	case m.opts.Destroy && !ours, s.now == nil && !ours:
		return "none"
	case m.opts.Destroy, s.now == nil:
		return s.leaves()
	case s.there && !ours:
		return m.expectConflict(s)
	case !s.there && s.now.missing == "ignore" && !m.opts.CreateMissing:
		return "kept"
	case !s.there:
		return fmt.Sprintf("create in %d", 1+fewest(spec.Started, nil, s.goal(spec.Started)))
	}
	return s.expectDeclared()
}

// goal returns the run state after the plan.
func (s *subject) goal(now string) string {
	if s.now.state == "" {
		return now
	}
	return s.now.state
}

// leaves returns the expected step of a sandbox that is no longer declared. The spec
// takes precedence over its labels.
func (s *subject) leaves() string {
	what, lifted, protected := s.keptRemove, false, s.keptProtect
	if s.now != nil {
		if s.now.removed != "" {
			what = s.now.removed
		}
		lifted, protected = s.now.protect == "false", protected || s.now.protect == "true"
	}
	relabel := 0 // it was made for the fleet's former name, or as another one
	if s.owner != fleetName {
		relabel = 1
	}
	switch goal := map[string]string{"stop": spec.Stopped, "archive": spec.Archived}[what]; {
	case goal != "" && (s.err != "" || s.state == goal || s.state == spec.Archived):
		if relabel > 0 {
			return "update in 1"
		}
		return "kept"
	case goal != "" && s.was.ephemeral:
		return "blocked: illegal"
	case goal != "":
		verb := "stop"
		if goal == spec.Archived {
			verb = "archive"
		}
		if relabel > 0 {
			verb = "update"
		}
		return fmt.Sprintf("%s in %d", verb, s.settling()+fewest(s.state, nil, goal)+relabel)
	case protected && !lifted:
		return "blocked: protected"
	case what == "release":
		return "release in 1"
	}
	return fmt.Sprintf("delete in %d", 1+s.settling())
}

func (s *subject) settling() int {
	if s.moving && s.err == "" {
		return 1
	}
	return 0
}

// arrives reports whether the spec depends on the change under way.
func (s *subject) arrives() bool { return s.state == spec.Started || s.now.state != "" }

// expectConflict returns the expected step of a sandbox whose name another owner's sandbox has.
func (m *model) expectConflict(s *subject) string {
	adopted := (s.now.adopt || m.opts.AdoptAll) && s.owner == "" && !s.manager && s.err == ""
	need := s.needs()
	switch {
	case adopted && need.replace:
		return "blocked: illegal"
	case adopted:
		return fmt.Sprintf("adopt in %d", s.calls(need)+1)
	case s.now.missing == "ignore" && !m.opts.CreateMissing:
		return "kept"
	}
	return "blocked: conflict"
}

// expectDeclared returns the expected step of a declared sandbox that the fleet owns.
func (s *subject) expectDeclared() string {
	need := s.needs()
	switch {
	case s.err != "" && s.now.failed == "report":
		return "kept"
	case s.err == "failed" && s.now.failed == "recover":
		return "blocked: illegal"
	case s.err == "failed", s.err != "" && s.now.failed == "replace", need.replace:
		if s.now.protect == "true" || s.keptProtect && s.now.protect == "" {
			return "blocked: protected"
		}
		return fmt.Sprintf("replace in %d", 2+s.settling()+fewest(spec.Started, nil, s.goal(spec.Started)))
	}
	ops := s.calls(need)
	if need.labels {
		ops++
	}
	action := "update"
	switch {
	case ops == 0 && need.ignored:
		return "kept"
	case ops == 0:
		return "nothing"
	case !need.changes() && ops == s.settling():
		action = "wait"
	case s.err != "" && !need.changes():
		action = "recover"
	case !need.changes():
		action = map[string]string{spec.Started: "start", spec.Stopped: "stop", spec.Archived: "archive"}[s.goal("")]
	}
	return fmt.Sprintf("%s in %d", action, ops)
}

// A need describes the changes of attributes that a sandbox needs.
type need struct {
	replace, live, awake, halted, labels bool
	ignored                              bool // something differs and will not be repaired
}

func (n need) changes() bool { return n.live || n.awake || n.halted || n.labels }

func (s *subject) needs() need {
	var n need
	now, was := s.now, s.was
	differs := func(path string, d bool) bool {
		ignored := slices.Contains(now.ignore, path)
		n.ignored = n.ignored || d && ignored
		return d && !ignored
	}
	public := was.public == "true"
	if s.drift {
		public = !public
	}
	n.live = differs("public", now.public != "" && public != (now.public == "true"))
	n.replace = differs("os_user", now.user != "" && now.user != or(was.user, "daytona"))
	known := s.detailed || s.seal == "right" && was.env != "" && s.owner != ""
	if differs("env_vars", now.env != "" && known && now.env != was.env) {
		n.replace = true
	}
	cpu, disk := max(was.cpu, 1), max(was.disk, 3)
	grows := differs("resources", now.cpu > cpu)
	n.awake = grows
	if differs("resources", now.cpu > 0 && now.cpu < cpu) {
		n.halted = true
	}
	if differs("resources", now.disk > disk) {
		n.halted = true
	}
	if differs("resources", now.disk > 0 && now.disk < disk) {
		n.replace = true
	}
	if n.halted && was.ephemeral && (s.state != spec.Stopped || s.err != "") {
		n.replace = true
	}
	n.labels = s.labelsDiffer(differs)
	return n
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// labelsDiffer reports whether the labels have to be written: they differ from the spec,
// or the labels of the fleet are outdated.
func (s *subject) labelsDiffer(differs func(string, bool) bool) bool {
	now, was := s.now, s.was
	labels := differs("labels", now.label != was.label && (now.label != "" || s.owner != ""))
	kept := "false"
	if s.keptProtect && s.owner != "" {
		kept = "true"
	}
	protect := now.protect != "" && now.protect != kept
	removed := now.removed != "" && (s.owner == "" || now.removed != s.keptRemove)
	unsealed := s.seal != "right" || now.env != "" && now.env != was.env && !slices.Contains(now.ignore, "env_vars")
	return labels || protect || removed || unsealed || s.owner != fleetName || s.formerKey != ""
}

// calls returns the smallest number of operations, without the write of the labels, that
// make the needed changes and end in the declared run state.
func (s *subject) calls(n need) int {
	ops, at := 0, s.state
	if s.err != "" {
		ops, at = 1, spec.Started // it is recovered
	}
	var through []string
	switch {
	case n.halted:
		through = []string{spec.Stopped}
	case n.awake:
		through = []string{spec.Started, spec.Stopped}
	}
	goal := s.goal(at)
	if goal == spec.Stopped && at == spec.Archived && through == nil {
		goal = at // it is stopped, and longer than that
	}
	ops += fewest(at, through, goal)
	if through != nil {
		ops++ // one call resizes all
	}
	if s.settling() > 0 && (ops > 0 || s.arrives()) {
		ops++
	}
	if n.live {
		ops++
	}
	return ops
}
