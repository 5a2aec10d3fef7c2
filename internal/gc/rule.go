package gc

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// Owners whose sandboxes a rule is about.
const (
	OwnerFleet = "fleet"  // the fleet of the spec
	OwnerNone  = "nobody" // sandboxes that no fleet owns
)

// A Rule picks objects and says what to do with them. All its conditions have
// to hold; those that are zero say nothing.
type Rule struct {
	Name  string    // what to call it
	Kind  spec.Kind // sandboxes, snapshots or volumes
	Owner string    // [OwnerFleet] or [RoleUnowned]; snapshots and volumes have no owner

	Names     []string          // patterns as of path.Match, of which one matches
	Labels    map[string]string // all are there; values are patterns
	States    []string          // one of them
	OlderThan time.Duration     // since it was created
	IdleFor   time.Duration     // since it was last used

	OwnerLabel string // is missing or empty: nobody is responsible for it

	// HeartbeatLabel holds, in RFC 3339, when its user last gave a sign of life:
	// longer ago than HeartbeatMax. Without the label, its creation counts.
	HeartbeatLabel string
	HeartbeatMax   time.Duration

	Duplicates bool // it carries the labels of another sandbox of the fleet

	LeaseLabel string      // holds until when it is in use, beside [spec.LeaseLabel]
	Action     plan.Action // Delete, Stop or Archive
}

// Check says what is wrong with the rule, or nil.
func (r Rule) Check() error {
	sandboxes := r.Kind == spec.SandboxKind
	switch {
	case !slices.Contains(spec.ObjectKinds, r.Kind):
		return fmt.Errorf("kind is %s, not %q", plan.JoinOr(spec.KindNames()), r.Kind)
	case r.Owner != OwnerFleet && r.Owner != OwnerNone:
		return fmt.Errorf("owner is fleet or nobody, not %q", r.Owner)
	case r.Action != plan.Delete && r.Action != plan.Stop && r.Action != plan.Archive:
		return fmt.Errorf("action is delete, stop or archive")
	case r.OlderThan < 0 || r.IdleFor < 0 || r.HeartbeatMax < 0:
		return fmt.Errorf("a time cannot be negative")
	case (r.HeartbeatLabel == "") != (r.HeartbeatMax == 0):
		return fmt.Errorf("heartbeat_label and heartbeat_max go together")
	case !sandboxes && (len(r.Labels) > 0 || r.OwnerLabel != "" || r.HeartbeatLabel != "" || r.LeaseLabel != "" || r.Duplicates):
		return fmt.Errorf("a %s has no labels: choose it by names, states, older_than and idle_for", r.Kind)
	case !sandboxes && r.Action != plan.Delete:
		return fmt.Errorf("a %s can only be deleted", r.Kind)
	case !sandboxes && len(r.Names) == 0:
		return fmt.Errorf("names is missing: %ss have no owner, and a rule has to say which it is about", r.Kind)
	case r.Owner == OwnerNone && r.Duplicates:
		return fmt.Errorf("duplicates are sandboxes of the fleet, not of nobody")
	case r.Owner == OwnerNone && len(r.Names) == 0 && len(r.Labels) == 0:
		return fmt.Errorf("names or labels is missing: a rule about what nobody owns has to say what it is about")
	case !r.hasCondition():
		return fmt.Errorf("it has no condition, and would pick everything")
	}
	return cmp.Or(r.checkPatterns(), r.checkStates())
}

// hasCondition reports whether the rule has a condition.
func (r Rule) hasCondition() bool {
	return len(r.Names)+len(r.Labels)+len(r.States) > 0 || r.OlderThan+r.IdleFor+r.HeartbeatMax > 0 || r.OwnerLabel != "" || r.Duplicates
}

func (r Rule) checkPatterns() error {
	for _, p := range r.Names {
		if _, err := path.Match(p, ""); err != nil || strings.Trim(p, "*?") == "" {
			return fmt.Errorf("%q is not a pattern of names; write one such as scratch-*", p)
		}
	}
	for key, p := range r.Labels {
		if _, err := path.Match(p, ""); err != nil || key == "" {
			return fmt.Errorf("%q is not a label with a pattern; write one such as purpose=scratch", key+"="+p)
		}
	}
	return nil
}

// String is the name of the rule, or its conditions.
func (r Rule) String() string {
	if r.Name != "" {
		return r.Name
	}
	var parts []string
	add := func(is bool, format string, args ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(len(r.Names) > 0, "called %s", strings.Join(r.Names, " or "))
	for _, key := range sortedKeys(r.Labels) {
		add(true, "%s is %s", key, r.Labels[key])
	}
	add(len(r.States) > 0, "%s", strings.Join(r.States, " or "))
	add(r.OlderThan > 0, "older than %s", plan.FormatDuration(r.OlderThan))
	add(r.IdleFor > 0, "idle for %s", plan.FormatDuration(r.IdleFor))
	add(r.OwnerLabel != "", "no %s", r.OwnerLabel)
	add(r.HeartbeatLabel != "", "no heartbeat for %s", plan.FormatDuration(r.HeartbeatMax))
	add(r.Duplicates, "a duplicate")
	return strings.Join(parts, ", ")
}

// matches reports whether the rule is about the subject. A label that should hold
// a time and does not is told in odd.
func (r Rule) matches(s *candidate, now time.Time) (matched bool, problem string) {
	o := s.object
	switch {
	case r.Kind != s.address.Kind, r.Kind == spec.SandboxKind && r.Owner != s.owner, r.Duplicates != s.duplicate,
		!anyMatch(r.Names, o.Name), len(r.States) > 0 && !slices.Contains(r.States, o.State),
		r.OlderThan > 0 && now.Sub(o.Created) < r.OlderThan,
		r.IdleFor > 0 && now.Sub(s.lastUsed()) < r.IdleFor,
		r.OwnerLabel != "" && o.Labels[r.OwnerLabel] != "":
		return false, ""
	}
	for key, pattern := range r.Labels {
		value, there := o.Labels[key]
		if ok, _ := path.Match(pattern, value); !there || !ok { // the pattern was checked
			return false, ""
		}
	}
	if r.HeartbeatLabel == "" {
		return true, ""
	}
	return r.heartbeatExpired(o, now)
}

// heartbeatExpired reports whether the heartbeat has been missing for too long.
func (r Rule) heartbeatExpired(o *plan.Object, now time.Time) (expired bool, problem string) {
	beat := o.Created
	if text := o.Labels[r.HeartbeatLabel]; text != "" {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return true, fmt.Sprintf("its label %s is not a time: %q", r.HeartbeatLabel, text)
		}
		beat = t
	}
	return now.Sub(beat) >= r.HeartbeatMax, ""
}

// anyMatch reports whether one of the patterns matches; no pattern says nothing.
func anyMatch(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name) // the pattern was checked
		return ok
	})
}
