package gc

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// The owners by which a rule selects sandboxes.
const (
	OwnerFleet = "fleet"  // the fleet of the spec
	OwnerNone  = "nobody" // sandboxes that no fleet owns
)

// A Rule selects objects and sets what to do with them. All its conditions must hold;
// zero conditions always do.
type Rule struct {
	Name  string    // for messages; empty uses the conditions
	Kind  spec.Kind // sandboxes, snapshots or volumes
	Owner string    // [OwnerFleet] or [OwnerNone]; ignored for snapshots and volumes

	Names     []string          // patterns of path.Match; one must match
	Labels    map[string]string // all must be present; values are patterns of path.Match
	States    []string          // the state must be one of them
	OlderThan time.Duration     // minimal time since the creation
	IdleFor   time.Duration     // minimal time since the last use

	OwnerLabel string // label that must be missing or empty

	// HeartbeatLabel is a label with the time of the user's last heartbeat, in RFC
	// 3339, which must be longer ago than HeartbeatMax. If the label is missing, the
	// time of the creation counts.
	HeartbeatLabel string
	HeartbeatMax   time.Duration

	Duplicates bool // it must carry the labels of another sandbox of the fleet

	LeaseLabel string      // label with the end of a lease, in addition to [spec.LeaseLabel]
	Action     plan.Action // Delete, Stop or Archive
}

// Check returns an error if the rule is invalid.
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
		return fmt.Errorf("a %s has no labels: select it by names, states, older_than and idle_for", r.Kind)
	case !sandboxes && r.Action != plan.Delete:
		return fmt.Errorf("a %s can only be deleted", r.Kind)
	case !sandboxes && len(r.Names) == 0:
		return fmt.Errorf("names is missing: %s have no owner, so a rule must select them by name", r.Kind.Section())
	case r.Owner == OwnerNone && r.Duplicates:
		return fmt.Errorf("duplicates belong to the fleet: write owner: fleet")
	case r.Owner == OwnerNone && len(r.Names) == 0 && len(r.Labels) == 0:
		return fmt.Errorf("names or labels is missing: a rule must select unowned sandboxes by name or label")
	case !r.hasCondition():
		return fmt.Errorf("it has no condition, and would select everything")
	}
	return cmp.Or(r.checkPatterns(), kind.CheckStates(r.States, r.Kind))
}

// hasCondition reports whether the rule has a condition.
func (r Rule) hasCondition() bool {
	return len(r.Names)+len(r.Labels)+len(r.States) > 0 || r.OlderThan+r.IdleFor+r.HeartbeatMax > 0 || r.OwnerLabel != "" || r.Duplicates
}

// checkPatterns refuses patterns that are invalid, or that match every name.
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

// String returns the name of the rule, or its conditions.
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

// matches reports whether the rule selects the candidate. problem is why a label that
// should hold a time cannot be read; empty if it can.
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

// anyMatch reports whether one of the patterns matches, or there are none.
func anyMatch(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name) // the pattern was checked
		return ok
	})
}
