package spec

import (
	"regexp"
	"time"
)

// A ReadinessProbe determines whether a sandbox is ready for use. Those of Exec,
// Port and Log that are set must all succeed in the same check.
type ReadinessProbe struct {
	Exec      string         // command that must exit with 0; empty: none
	Port      int            // port on which a GET of Path must return a status below 400; 0: none
	Path      string         // URL path; starts with a slash
	Log       *regexp.Regexp // must match a line of the logs; nil: none
	Interval  time.Duration  // time between two checks
	Timeout   time.Duration  // longest time of one check
	StableFor time.Duration  // how long the checks must succeed; 0: once
	Retries   int            // number of checks that may fail
}

// Defaults of a probe.
const (
	probeInterval = 2 * time.Second
	probeTimeout  = 10 * time.Second
	probeRetries  = 30
)

// ReadinessProbe returns the probe to run after the sandbox was created or started;
// nil if the spec sets none.
func (r *Resource) ReadinessProbe() *ReadinessProbe {
	p := &ReadinessProbe{
		Exec: r.attrs.text(readyExecRow), Port: r.attrs.number(readyPortRow), Path: "/",
		Interval: probeInterval, Timeout: probeTimeout, Retries: probeRetries,
	}
	pattern := r.attrs.text(readyLogRow)
	if p.Exec == "" && p.Port == 0 && pattern == "" {
		return nil
	}
	if pattern != "" {
		p.Log = regexp.MustCompile(pattern) // the pattern is valid
	}
	if path := r.attrs.text(readyPathRow); path != "" {
		p.Path = path
	}
	if n, ok := r.attrs.get(readyRetriesRow).(int); ok {
		p.Retries = n
	}
	r.setDuration(readyIntervalRow, &p.Interval)
	r.setDuration(readyTimeoutRow, &p.Timeout)
	r.setDuration(readyForRow, &p.StableFor)
	return p
}

// setDuration stores the duration that the spec sets, if any.
func (r *Resource) setDuration(a *Attribute, into *time.Duration) {
	if d, ok := r.attrs.get(a).(time.Duration); ok {
		*into = d
	}
}

// MaxDuration returns the longest time after which the sandbox is ready or has
// failed.
func (p *ReadinessProbe) MaxDuration() time.Duration {
	return time.Duration(p.Retries+1)*(p.Interval+p.Timeout) + p.StableFor
}
