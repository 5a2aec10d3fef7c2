package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/world"
)

// AnySize is the fault that lifts the limits of a single sandbox.
const AnySize = "any-size"

// settingParsers parse the faults that are settings of the organisation or its server.
var settingParsers = map[string]func(string) (Fault, error){
	"list-lag":        parseListLag,
	"snapshot-spread": parseSnapshotSpread,
	"build-race":      parseBuildRace,
	"rate-limit":      parseRateLimits,
	"quota":           parseQuota,
	AnySize:           settingFault("anySize", func(o *world.Organization) { o.AnySize = true }),
	"untold-limits":   settingFault("untoldLimits", func(o *world.Organization) { o.UntoldLimits = true }),
	"maintenance":     settingFault("maintenance", func(o *world.Organization) { o.Maintenance = true }),
	"no-runners":      settingFault("noRunners", func(o *world.Organization) { o.NoRunners = true }),
	"resize-disabled": settingFault("resizeDisabled", func(o *world.Organization) { o.ResizeDisabled = true }),
	"suspended": func(reason string) (Fault, error) {
		return Fault{Fields: []string{"suspended", "reason"}, Set: func(o *world.Organization) { o.Suspended, o.Reason = true, reason }}, nil
	},

	"event-loss":       eventFault(func(f *world.EventFaults, rate float64) { f.Loss = rate }),
	"event-double":     eventFault(func(f *world.EventFaults, rate float64) { f.Double = rate }),
	"event-shuffle":    eventFault(func(f *world.EventFaults, rate float64) { f.Shuffle = rate }),
	"event-disconnect": eventFault(func(f *world.EventFaults, rate float64) { f.Disconnect = rate }),
	"event-late":       parseEventLate,
	"event-refuse":     settingFault("events", func(o *world.Organization) { o.Events.Refuse = true }),
}

// settingFault returns the parser of a fault without arguments.
func settingFault(field string, set func(*world.Organization)) func(string) (Fault, error) {
	return func(rest string) (Fault, error) {
		if rest != "" {
			return Fault{}, fmt.Errorf("unexpected argument %q", rest)
		}
		return Fault{Fields: []string{field}, Set: set}, nil
	}
}

func parseListLag(rest string) (Fault, error) {
	if d, err := time.ParseDuration(rest); err != nil || d <= 0 {
		return Fault{}, fmt.Errorf("%q is not a duration, such as 2s", rest)
	}
	return Fault{Fields: []string{"listLag"}, Set: func(o *world.Organization) { o.ListLag = rest }}, nil
}

func parseSnapshotSpread(rest string) (Fault, error) {
	if d, err := time.ParseDuration(rest); err != nil || d <= 0 {
		return Fault{}, fmt.Errorf("%q is not a duration, such as 6s", rest)
	}
	return Fault{Fields: []string{"snapshotSpread"}, Set: func(o *world.Organization) { o.SnapshotSpread = rest }}, nil
}

func parseBuildRace(rest string) (Fault, error) {
	if d, err := time.ParseDuration(rest); err != nil || d <= 0 {
		return Fault{}, fmt.Errorf("%q is not a duration, such as 300ms", rest)
	}
	return Fault{Fields: []string{"buildRace"}, Set: func(o *world.Organization) { o.BuildRace = rest }}, nil
}

// rateClasses are the classes for which a limit can be set.
var rateClasses = []string{ratelimit.ClassAnonymous, ratelimit.ClassAuthenticated, ratelimit.ClassCreate, ratelimit.ClassLifecycle, ratelimit.ClassList, ratelimit.ClassFailedAuth}

func parseRateLimits(rest string) (Fault, error) {
	limits := map[string]world.RateLimit{}
	for word := range strings.FieldsSeq(rest) {
		class, value, _ := strings.Cut(word, "=")
		if !slices.Contains(rateClasses, class) {
			return Fault{}, fmt.Errorf("unknown rate class %q: use %s", class, strings.Join(rateClasses, ", "))
		}
		calls, window, _ := strings.Cut(value, "/")
		n, err := strconv.Atoi(calls)
		span, spanErr := time.ParseDuration(window)
		if err != nil || spanErr != nil || n < 0 || span < time.Second || span%time.Second != 0 {
			return Fault{}, fmt.Errorf("%q is not CALLS/DURATION with whole seconds, such as 20/2s", value)
		}
		limits[class] = world.RateLimit{Limit: n, TTL: int(span / time.Second)}
	}
	if len(limits) == 0 {
		return Fault{}, errors.New("a limit is required")
	}
	return Fault{Fields: []string{"rateLimits"}, Set: func(o *world.Organization) {
		merged := map[string]world.RateLimit{}
		for _, m := range []map[string]world.RateLimit{o.RateLimits, limits} {
			for class, l := range m {
				merged[class] = l
			}
		}
		o.RateLimits = merged
	}}, nil
}

// quotaFields maps the names of the limits to the fields of the quota.
var quotaFields = map[string]func(*world.Quota) *int{
	"cpu":        func(q *world.Quota) *int { return &q.CPU },
	"memory":     func(q *world.Quota) *int { return &q.Memory },
	"disk":       func(q *world.Quota) *int { return &q.Disk },
	"max-cpu":    func(q *world.Quota) *int { return &q.MaxCPUPerSandbox },
	"max-memory": func(q *world.Quota) *int { return &q.MaxMemoryPerSandbox },
	"max-disk":   func(q *world.Quota) *int { return &q.MaxDiskPerSandbox },

	"max-cpu-per-gpu":    func(q *world.Quota) *int { return &q.MaxCPUPerGPU },
	"max-memory-per-gpu": func(q *world.Quota) *int { return &q.MaxMemoryPerGPU },
	"max-disk-per-gpu":   func(q *world.Quota) *int { return &q.MaxDiskPerGPU },

	"snapshots": func(q *world.Quota) *int { return &q.Snapshots },
	"volumes":   func(q *world.Quota) *int { return &q.Volumes },
}

func parseQuota(rest string) (Fault, error) {
	limits := map[string]int{}
	for word := range strings.FieldsSeq(rest) {
		name, value, _ := strings.Cut(word, "=")
		n, err := strconv.Atoi(value)
		switch {
		case quotaFields[name] == nil:
			return Fault{}, fmt.Errorf("unknown quota %q", name)
		case err != nil || n < 1:
			return Fault{}, fmt.Errorf("%q must be at least 1", word)
		}
		limits[name] = n
	}
	if len(limits) == 0 {
		return Fault{}, errors.New("a limit is required")
	}
	return Fault{Fields: []string{"quota"}, Set: func(o *world.Organization) {
		for name, n := range limits {
			*quotaFields[name](&o.Quota) = n
		}
	}}, nil
}
