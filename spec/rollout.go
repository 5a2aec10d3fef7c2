package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/yamldoc"
)

// A IntOrPercent is a part of a number of things: so many, or so many percent. The
// zero IntOrPercent is none.
type IntOrPercent struct {
	N       int
	Percent bool
}

func (s IntOrPercent) String() string {
	if s.Percent {
		return strconv.Itoa(s.N) + "%"
	}
	return strconv.Itoa(s.N)
}

// RoundUp is how many of n the share is at least: fractions count as one.
func (s IntOrPercent) RoundUp(n int) int {
	if s.Percent {
		return (n*s.N + 99) / 100
	}
	return min(s.N, n)
}

// RoundDown is how many of n the share is at most: fractions do not count.
func (s IntOrPercent) RoundDown(n int) int {
	if s.Percent {
		return n * s.N / 100
	}
	return min(s.N, n)
}

var intOrPercentPattern = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})(%?)$`)

const intOrPercentName = "whole number, or percentage such as 10%"

// intOrPercent is a number of sandboxes, or a percentage of them.
var intOrPercent = Type{
	Name:   intOrPercentName,
	Schema: jsonschema.Typed("integer", "string").With(jsonschema.Matching(`^(100|[1-9]?[0-9])%$`)).With(jsonschema.Schema{"minimum": 0}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.intOrPercent(n, path)
		return s, ok
	},
	yaml: func(v any) any { return v.(IntOrPercent).yamlValue() },
}

// yamlValue is the share as YAML has it.
func (s IntOrPercent) yamlValue() any {
	if s.Percent {
		return s.String()
	}
	return s.N
}

func (d *decoder) intOrPercent(n *yaml.Node, path string) (IntOrPercent, bool) {
	n = d.Resolve(n)
	if n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) && n.Tag != decode.FailedTag {
		if m := intOrPercentPattern.FindStringSubmatch(n.Value); m != nil && (n.Tag == "!!int" || m[2] != "" || n.Style == decode.UntypedStyle) {
			v, _ := strconv.Atoi(m[1]) // at most six digits
			s := IntOrPercent{v, m[2] != ""}
			if s.Percent && v > 100 {
				d.Errorf(n, path, "%s is more than all", s)
				return IntOrPercent{}, false
			}
			return s, true
		}
	}
	d.Errorf(n, path, "expected a %s, got %s", intOrPercentName, d.Describe(n))
	return IntOrPercent{}, false
}

// intOrPercents is a list of them.
var intOrPercents = Type{
	Name:   "list of numbers or percentages, such as [1, 10%, 100%]",
	Schema: jsonschema.Typed("array").With(jsonschema.Schema{"items": intOrPercent.Schema.OrExpression()}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		items, ok := d.Sequence(n, path)
		list := make([]IntOrPercent, 0, len(items))
		for i, item := range items {
			s, good := d.intOrPercent(item, fmt.Sprintf("%s[%d]", path, i))
			ok = ok && good
			list = append(list, s)
		}
		return list, ok
	},
	format: func(v any) string { return fmt.Sprint(v) },
	yaml: func(v any) any {
		var list []any
		for _, s := range v.([]IntOrPercent) {
			list = append(list, s.yamlValue())
		}
		return list
	},
}

// A Rollout says how what disturbs the sandboxes of a group is carried out.
type Rollout struct {
	MaxUnavailable IntOrPercent // that may be unusable at once; zero: all
	Canary         IntOrPercent // that go first, and have to go well; zero: none
	Waves          []IntOrPercent
	Pause          time.Duration // between waves
	MaxFailures    IntOrPercent  // of a wave, beyond which it has failed
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
	o.MaxUnavailable, _ = r.Attrs[maxUnavailableRow].(IntOrPercent)
	o.Canary, _ = r.Attrs[canaryRow].(IntOrPercent)
	o.Waves, _ = r.Attrs[wavesRow].([]IntOrPercent)
	o.Pause, _ = r.Attrs[pauseRow].(time.Duration)
	o.MaxFailures, _ = r.Attrs[maxFailuresRow].(IntOrPercent)
	if s := r.Attrs.text(onFailureRow); s != "" {
		o.OnFailure = s
	}
	return o
}
