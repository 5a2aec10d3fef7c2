package spec

import (
	"regexp"
	"time"
)

// A Gate is how it is found out whether a sandbox is ready to be used. What of
// Exec, Port and Log is given has to hold at the same time.
type Gate struct {
	Exec     string         // a command that ends with 0; empty: none
	Port     int            // on which Path is answered with a status below 400; 0: none
	Path     string         // begins with a slash
	Log      *regexp.Regexp // that a line of the logs matches; nil: none
	Interval time.Duration  // between checks
	Timeout  time.Duration  // of one check
	For      time.Duration  // that it has to stay ready
	Retries  int            // how many checks may fail
}

// The zero values of a gate's times and retries stand for these.
const (
	gateInterval = 2 * time.Second
	gateTimeout  = 10 * time.Second
	gateRetries  = 30
)

// Gate is how the sandbox is checked after it was created or started; nil when
// the spec does not say.
func (r *Resource) Gate() *Gate {
	g := &Gate{
		Exec: r.Attrs.text(readyExecRow), Port: r.Attrs.number(readyPortRow), Path: "/",
		Interval: gateInterval, Timeout: gateTimeout, Retries: gateRetries,
	}
	pattern := r.Attrs.text(readyLogRow)
	if g.Exec == "" && g.Port == 0 && pattern == "" {
		return nil
	}
	if pattern != "" {
		g.Log = regexp.MustCompile(pattern) // it was checked
	}
	if p := r.Attrs.text(readyPathRow); p != "" {
		g.Path = p
	}
	if n, ok := r.Attrs[readyRetriesRow].(int); ok {
		g.Retries = n
	}
	r.duration(readyIntervalRow, &g.Interval)
	r.duration(readyTimeoutRow, &g.Timeout)
	r.duration(readyForRow, &g.For)
	return g
}

// duration is a duration that the spec gives; else what is there stays.
func (r *Resource) duration(a *Attribute, into *time.Duration) {
	if d, ok := r.Attrs[a].(time.Duration); ok {
		*into = d
	}
}

// Longest is how long the checks go on before the sandbox has failed, if none
// hangs.
func (g *Gate) Longest() time.Duration {
	return time.Duration(g.Retries+1)*(g.Interval+g.Timeout) + g.For
}
