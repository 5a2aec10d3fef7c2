package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"
)

// A Share is a part of a number of things: so many, or so many percent. The
// zero Share is none.
type Share struct {
	N       int
	Percent bool
}

func (s Share) String() string {
	if s.Percent {
		return strconv.Itoa(s.N) + "%"
	}
	return strconv.Itoa(s.N)
}

// Up is how many of n the share is at least: fractions count as one.
func (s Share) Up(n int) int {
	if s.Percent {
		return (n*s.N + 99) / 100
	}
	return min(s.N, n)
}

// Down is how many of n the share is at most: fractions do not count.
func (s Share) Down(n int) int {
	if s.Percent {
		return n * s.N / 100
	}
	return min(s.N, n)
}

var shareForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})(%?)$`)

const shareName = "whole number, or percentage such as 10%"

// share is a number of sandboxes, or a percentage of them.
var share = Type{
	Name:   shareName,
	schema: typed("integer", "string").with(matching(`^(100|[1-9]?[0-9])%$`)).with(Schema{"minimum": 0}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.share(n, path)
		return s, ok
	},
	yaml: func(v any) any { return v.(Share).said() },
}

// said is the share as YAML has it.
func (s Share) said() any {
	if s.Percent {
		return s.String()
	}
	return s.N
}

func (d *decoder) share(n *yaml.Node, path string) (Share, bool) {
	n = d.resolve(n)
	if n.Kind == yaml.ScalarNode && !isNull(n) && n.Tag != failedTag {
		if m := shareForm.FindStringSubmatch(n.Value); m != nil && (n.Tag == "!!int" || m[2] != "" || n.Style == fromOutside) {
			v, _ := strconv.Atoi(m[1]) // at most six digits
			s := Share{v, m[2] != ""}
			if s.Percent && v > 100 {
				d.mistake(n, path, "%s is more than all", s)
				return Share{}, false
			}
			return s, true
		}
	}
	d.mistake(n, path, "expected a %s, got %s", shareName, d.describe(n))
	return Share{}, false
}

// shares is a list of them.
var shares = Type{
	Name:   "list of numbers or percentages, such as [1, 10%, 100%]",
	schema: typed("array").with(Schema{"items": share.schema.said()}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		items, ok := d.sequence(n, path)
		list := make([]Share, 0, len(items))
		for i, item := range items {
			s, good := d.share(item, fmt.Sprintf("%s[%d]", path, i))
			ok = ok && good
			list = append(list, s)
		}
		return list, ok
	},
	format: func(v any) string { return fmt.Sprint(v) },
	yaml: func(v any) any {
		var list []any
		for _, s := range v.([]Share) {
			list = append(list, s.said())
		}
		return list
	},
}

// A Rollout says how what disturbs the sandboxes of a group is carried out.
type Rollout struct {
	MaxUnavailable Share // that may be unusable at once; zero: all
	Canary         Share // that go first, and have to go well; zero: none
	Waves          []Share
	Pause          time.Duration // between waves
	MaxFailures    Share         // of a wave, beyond which it has failed
	OnFailure      string        // [HaltRollout], [ContinueRollout] or [RollBack]
	Surge          bool          // the new one is created before the old one goes
}

// What becomes of a rollout in which too much fails.
const (
	HaltRollout     = "stop"
	ContinueRollout = "continue"
	RollBack        = "rollback"
)

// Rollout is how disturbing changes of the sandbox's group are carried out; nil
// when the spec does not say, and all may change at once.
func (r *Resource) Rollout() *Rollout {
	said := false
	for _, a := range rolloutRows {
		_, ok := r.Attrs[a]
		said = said || ok
	}
	if !said {
		return nil
	}
	o := &Rollout{OnFailure: HaltRollout, Surge: r.Attrs.flag(surgeRow)}
	o.MaxUnavailable, _ = r.Attrs[maxUnavailableRow].(Share)
	o.Canary, _ = r.Attrs[canaryRow].(Share)
	o.Waves, _ = r.Attrs[wavesRow].([]Share)
	o.Pause, _ = r.Attrs[pauseRow].(time.Duration)
	o.MaxFailures, _ = r.Attrs[maxFailuresRow].(Share)
	if s := r.Attrs.text(onFailureRow); s != "" {
		o.OnFailure = s
	}
	return o
}
