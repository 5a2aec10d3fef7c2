package request

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"fleet/internal/emulator/world"
)

// listedStates are the states for which a list can filter.
var listedStates = []string{
	world.StateCreating, world.StateRestoring, world.StateDestroying, world.StateStarted, world.StateStopped, world.StateStarting, world.StateStopping, world.StateError,
	world.StateBuildFailed, world.StatePendingBuild, world.StateBuilding, world.StateUnknown, "pulling_snapshot", world.StateArchived, world.StateArchiving,
	world.StateResizing, "snapshotting", "forking", "pausing", world.StatePaused, "resuming",
}

// Filter is a condition on a sandbox.
type Filter func(*world.Sandbox) bool

// Filters returns the conditions of a list; byPage selects the parameters of the
// deprecated list.
func (q *Query) Filters(byPage bool) ([]Filter, error) {
	wanted, err := q.labels()
	if err != nil {
		return nil, err
	}
	errored := q.First("includeErroredDeleted") == "true" || byPage && q.First("includeErroredDeleted") != ""
	all := []Filter{func(sb *world.Sandbox) bool { return errored || !sb.Hidden() }}
	for key, want := range wanted {
		text, isText := want.(string)
		form := comparableLabel(want)
		all = append(all, func(sb *world.Sandbox) bool {
			have, ok := sb.Labels[key]
			if s, plain := have.(string); plain {
				return isText && s == text
			}
			return ok && comparableLabel(have) == form
		})
	}
	for _, f := range []struct {
		key string
		of  func(*world.Sandbox) string
	}{{"id", func(sb *world.Sandbox) string { return sb.ID }}, {"name", func(sb *world.Sandbox) string { return sb.Name }}} {
		if prefix := q.First(f.key); prefix != "" {
			match := like(prefix)
			all = append(all, func(sb *world.Sandbox) bool { return match(f.of(sb)) })
		}
	}
	states := q.Values["states"]
	for _, s := range states {
		if !slices.Contains(listedStates, s) {
			q.AddProblem("each value must be one of the following values: %s", strings.Join(listedStates, ", "))
			break
		}
	}
	regionKey := "regionIds"
	if byPage {
		regionKey = "regions"
	}
	all = withOneOf(all, states, func(sb *world.Sandbox) string { return sb.State })
	all = withOneOf(all, q.Values["snapshots"], func(sb *world.Sandbox) string { return world.ValueOr(sb.Snapshot, "") })
	all = withOneOf(all, q.Values[regionKey], func(sb *world.Sandbox) string { return sb.Target })
	all = withOneOf(all, q.Values["sandboxClasses"], func(sb *world.Sandbox) string { return sb.Class })
	all = q.ranges(all)
	return all, q.Err()
}

// withOneOf adds the condition that an attribute has one of several values. No values
// mean no condition.
func withOneOf(all []Filter, values []string, of func(*world.Sandbox) string) []Filter {
	if len(values) == 0 {
		return all
	}
	return append(all, func(sb *world.Sandbox) bool { return slices.Contains(values, of(sb)) })
}

// ranges adds the conditions on sizes, times and flags. Bounds are inclusive.
func (q *Query) ranges(all []Filter) []Filter {
	for _, f := range []struct {
		key string
		of  func(*world.Sandbox) int
	}{
		{"Cpu", func(sb *world.Sandbox) int { return sb.CPU }},
		{"MemoryGiB", func(sb *world.Sandbox) int { return sb.Memory }},
		{"DiskGiB", func(sb *world.Sandbox) int { return sb.Disk }},
	} {
		if q.First("min"+f.key) != "" || q.First("max"+f.key) != "" {
			least, most := q.IntParam("min"+f.key, math.MaxInt32, 1), q.IntParam("max"+f.key, math.MaxInt32, math.MaxInt32)
			all = append(all, func(sb *world.Sandbox) bool { n := f.of(sb); return n >= least && n <= most })
		}
	}
	for _, f := range []struct {
		key string
		of  func(*world.Sandbox) *world.Instant
	}{
		{"createdAt", func(sb *world.Sandbox) *world.Instant { return &sb.CreatedAt }},
		{"lastEvent", func(sb *world.Sandbox) *world.Instant { return &sb.LastActivityAt }},
		{"autoDestroyAt", func(sb *world.Sandbox) *world.Instant { return sb.AutoDestroyAt }},
	} {
		after, before := q.timeParam(f.key+"After"), q.timeParam(f.key+"Before")
		if after != nil || before != nil {
			all = append(all, func(sb *world.Sandbox) bool {
				t := f.of(sb)
				return t != nil && (after == nil || !t.Before(after.Time)) && (before == nil || !t.After(before.Time))
			})
		}
	}
	if public := q.boolParam("isPublic"); public != nil {
		all = append(all, func(sb *world.Sandbox) bool { return sb.Public == *public })
	}
	if recoverable := q.boolParam("isRecoverable"); recoverable != nil {
		all = append(all, func(sb *world.Sandbox) bool { return sb.Recoverable == *recoverable })
	}
	return all
}

// matchesAll reports whether the sandbox meets all conditions.
func matchesAll(sb *world.Sandbox, all []Filter) bool {
	for _, f := range all {
		if !f(sb) {
			return false
		}
	}
	return true
}

// comparableLabel returns a comparable form of a label's value.
func comparableLabel(v any) string {
	if s, ok := v.(string); ok {
		return "s" + s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return "j" + string(b)
}

// like returns a function that matches a prefix, ignoring case. As in the database, %
// stands for any text and _ for any character.
func like(prefix string) func(string) bool {
	pattern := []rune(strings.ToLower(prefix + "%"))
	plain := !strings.ContainsAny(prefix, "%_")
	return func(s string) bool {
		s = strings.ToLower(s)
		if plain {
			return strings.HasPrefix(s, string(pattern[:len(pattern)-1]))
		}
		return likeRunes(pattern, []rune(s))
	}
}

// likeRunes matches a pattern with % and _.
func likeRunes(pattern, s []rune) bool {
	star, mark, p, i := -1, 0, 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '_' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}
