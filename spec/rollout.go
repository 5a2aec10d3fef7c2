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

// An IntOrPercent is an absolute count or a percentage. The zero IntOrPercent is 0.
type IntOrPercent struct {
	N       int  // the count or percentage
	Percent bool // N is a percentage
}

func (s IntOrPercent) String() string {
	if s.Percent {
		return strconv.Itoa(s.N) + "%"
	}
	return strconv.Itoa(s.N)
}

// RoundUp returns the count for a total of n. Percentages are rounded up.
func (s IntOrPercent) RoundUp(n int) int {
	if s.Percent {
		return (n*s.N + 99) / 100
	}
	return min(s.N, n)
}

// RoundDown returns the count for a total of n. Percentages are rounded down.
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
	zero:   IntOrPercent{},
	Schema: jsonschema.Typed("integer", "string").With(jsonschema.Matching(`^(100|[1-9]?[0-9])%$`)).With(jsonschema.Schema{"minimum": 0}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.intOrPercent(n, path)
		return s, ok
	},
	yaml: func(v any) any { return v.(IntOrPercent).yamlValue() },
}

// yamlValue returns the value for YAML.
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
				d.Errorf(n, path, "%s is more than 100%%", s)
				return IntOrPercent{}, false
			}
			return s, true
		}
	}
	d.Errorf(n, path, "expected a %s, got %s", intOrPercentName, d.Describe(n))
	return IntOrPercent{}, false
}

// intOrPercents is a list of numbers or percentages.
var intOrPercents = Type{
	Name:   "list of numbers or percentages, such as [1, 10%, 100%]",
	zero:   []IntOrPercent(nil),
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

// A Rollout describes how disruptive changes of a group's sandboxes are carried out.
type Rollout struct {
	MaxUnavailable IntOrPercent   // sandboxes that may be unavailable at the same time; zero: all
	Canary         IntOrPercent   // sandboxes that are changed first and must not fail; zero: none
	Waves          []IntOrPercent // sandboxes that are changed at the end of each wave; nil: one wave
	Pause          time.Duration  // time between two waves
	MaxFailures    IntOrPercent   // failures of a wave that are tolerated
	OnFailure      string         // [HaltRollout], [ContinueRollout] or [RollBack]
	Surge          bool           // the new sandbox is created before the old one is deleted
}

// Values of [Rollout.OnFailure], for a wave with too many failures.
const (
	HaltRollout     = "stop"
	ContinueRollout = "continue"
	RollBack        = "rollback"
)

// Rollout returns how disruptive changes of the sandbox's group are carried out; nil if
// the spec does not set it, so that all sandboxes may change at the same time.
func (r *Resource) Rollout() *Rollout {
	isSet := false
	for _, a := range rolloutRows {
		_, ok := r.attrs.lookup(a)
		isSet = isSet || ok
	}
	if !isSet {
		return nil
	}
	o := &Rollout{OnFailure: HaltRollout, Surge: r.attrs.flag(surgeRow)}
	o.MaxUnavailable, _ = r.attrs.get(maxUnavailableRow).(IntOrPercent)
	o.Canary, _ = r.attrs.get(canaryRow).(IntOrPercent)
	o.Waves, _ = r.attrs.get(wavesRow).([]IntOrPercent)
	o.Pause, _ = r.attrs.get(pauseRow).(time.Duration)
	o.MaxFailures, _ = r.attrs.get(maxFailuresRow).(IntOrPercent)
	if s := r.attrs.text(onFailureRow); s != "" {
		o.OnFailure = s
	}
	return o
}
