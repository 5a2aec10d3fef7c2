package spec

import (
	"regexp"
	"time"
)

// A ReadinessProbe is how it is found out whether a sandbox is ready to be used. What of
// Exec, Port and Log is given has to hold at the same time.
type ReadinessProbe struct {
	Exec      string         // a command that ends with 0; empty: none
	Port      int            // on which Path is answered with a status below 400; 0: none
	Path      string         // begins with a slash
	Log       *regexp.Regexp // that a line of the logs matches; nil: none
	Interval  time.Duration  // between checks
	Timeout   time.Duration  // of one check
	StableFor time.Duration  // that it has to stay ready
	Retries   int            // how many checks may fail
}

// The zero values of a gate's times and retries stand for these.
const (
	probeInterval = 2 * time.Second
	probeTimeout  = 10 * time.Second
	probeRetries  = 30
)

// ReadinessProbe is how the sandbox is checked after it was created or started; nil when
// the spec does not say.
func (r *Resource) ReadinessProbe() *ReadinessProbe {
	g := &ReadinessProbe{
		Exec: r.attrs.text(readyExecRow), Port: r.attrs.number(readyPortRow), Path: "/",
		Interval: probeInterval, Timeout: probeTimeout, Retries: probeRetries,
	}
	pattern := r.attrs.text(readyLogRow)
	if g.Exec == "" && g.Port == 0 && pattern == "" {
		return nil
	}
	if pattern != "" {
		g.Log = regexp.MustCompile(pattern) // it was checked
	}
	if p := r.attrs.text(readyPathRow); p != "" {
		g.Path = p
	}
	if n, ok := r.attrs[readyRetriesRow].(int); ok {
		g.Retries = n
	}
	r.setDuration(readyIntervalRow, &g.Interval)
	r.setDuration(readyTimeoutRow, &g.Timeout)
	r.setDuration(readyForRow, &g.StableFor)
	return g
}

// setDuration is a duration that the spec gives; else what is there stays.
func (r *Resource) setDuration(a *Attribute, into *time.Duration) {
	if d, ok := r.attrs[a].(time.Duration); ok {
		*into = d
	}
}

// MaxDuration is how long the checks go on before the sandbox has failed, if none
// hangs.
func (g *ReadinessProbe) MaxDuration() time.Duration {
	return time.Duration(g.Retries+1)*(g.Interval+g.Timeout) + g.StableFor
}
