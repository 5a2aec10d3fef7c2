package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fleet/internal/exit"
	"fleet/internal/gc"
	"fleet/internal/input"
	"fleet/plan"
	"fleet/spec"
)

// ruleOptions are the flags that give the rules of fleet gc: a file, or one rule.
type ruleOptions struct {
	file        string
	spareActive string

	kind, action, owner              string
	names, labels, states            []string
	olderThan, idleFor, heartbeatMax string
	ownerLabel, heartbeat, lease     string
	duplicates                       bool
}

// ruleFlagNames are the flags that make up one rule.
var ruleFlagNames = []string{
	"kind", "owner", "name", "label", "state", "older-than", "idle-for", "owner-label", "heartbeat-label", "heartbeat-max",
	"duplicates", "lease-label", "action",
}

func (o *ruleOptions) declare(f *flagSet) {
	f.StringVar(&o.file, "rules", "", "YAML `file` of rules")
	f.StringVar(&o.spareActive, "spare-active", "", "skip objects used or created within this time (default 15m)")
	f.StringVar(&o.kind, "kind", "sandbox", plan.JoinOr(spec.KindNames()))
	f.StringVar(&o.owner, "owner", gc.OwnerFleet, "owner of the sandboxes: fleet or nobody")
	f.StringArrayVar(&o.names, "name", nil, "pattern of names, such as scratch-*; repeatable")
	f.StringArrayVar(&o.labels, "label", nil, "label that the object has, as `KEY=PATTERN`; repeatable")
	f.StringArrayVar(&o.states, "state", nil, "state of the object; repeatable")
	f.StringVar(&o.olderThan, "older-than", "", "minimum time since creation, such as 7d")
	f.StringVar(&o.idleFor, "idle-for", "", "minimum time since last use, such as 36h")
	f.StringVar(&o.ownerLabel, "owner-label", "", "label that names the person responsible; selects objects without it")
	f.StringVar(&o.heartbeat, "heartbeat-label", "", "label with the time of the last heartbeat (RFC 3339)")
	f.StringVar(&o.heartbeatMax, "heartbeat-max", "", "maximum time between heartbeats, such as 10m")
	f.BoolVar(&o.duplicates, "duplicates", false, "sandboxes that have the labels of another one")
	f.StringVar(&o.lease, "lease-label", "", "label with the time until which the object is in use, besides fleet-lease")
	f.StringVar(&o.action, "action", "delete", "delete, stop or archive")
}

// read returns the rules of the file, or the one that the flags give. changed
// reports whether a flag was given.
func (o *ruleOptions) read(ctx context.Context, changed func(flag string) bool) (gc.RuleSet, error) {
	var given []string
	for _, name := range ruleFlagNames {
		if changed(name) {
			given = append(given, "--"+name)
		}
	}
	var rules gc.RuleSet
	switch {
	case o.file != "" && len(given) > 0:
		return rules, exit.Invalidf("--rules and %s are mutually exclusive", strings.Join(given, ", "))
	case o.file != "":
		text, err := input.ReadNamed(ctx, o.file, input.MaxRules)
		if err != nil {
			return rules, exit.Invalidf("reading the rules: %w", err)
		}
		if rules, err = gc.ParseRules(o.file, text); err != nil {
			return rules, err
		}
	case len(given) > 0:
		rule, err := o.rule()
		if err != nil {
			return rules, exit.Invalidf("%w", err)
		}
		rules.Rules = []gc.Rule{rule}
	}
	if o.spareActive != "" {
		spare, err := gc.ParseAge(o.spareActive)
		if err != nil {
			return rules, exit.Invalidf("--spare-active: %w", err)
		}
		rules.SpareActive = spare
	}
	return rules, nil
}

// rule returns the rule that the flags give.
func (o *ruleOptions) rule() (gc.Rule, error) {
	r := gc.Rule{
		Kind: spec.Kind(o.kind), Owner: o.owner, Names: o.names, States: o.states, OwnerLabel: o.ownerLabel,
		HeartbeatLabel: o.heartbeat, LeaseLabel: o.lease, Duplicates: o.duplicates, Labels: map[string]string{},
	}
	for _, l := range o.labels {
		key, pattern, ok := strings.Cut(l, "=")
		if !ok || key == "" {
			return r, fmt.Errorf("--label requires KEY=PATTERN, not %q", l)
		}
		r.Labels[key] = pattern
	}
	for _, x := range []struct {
		flag, text string
		into       *time.Duration
	}{
		{"--older-than", o.olderThan, &r.OlderThan}, {"--idle-for", o.idleFor, &r.IdleFor}, {"--heartbeat-max", o.heartbeatMax, &r.HeartbeatMax},
	} {
		if x.text == "" {
			continue
		}
		age, err := gc.ParseAge(x.text)
		if err != nil {
			return r, fmt.Errorf("%s: %w", x.flag, err)
		}
		*x.into = age
	}
	var err error
	if r.Action, err = gc.ParseAction(o.action); err != nil {
		return r, err
	}
	return r, r.Check()
}

// dryRunError returns an error if the plan of a dry run is blocked.
func dryRunError(pl *plan.Plan) error {
	if n := len(pl.Blocked()); n > 0 {
		return exit.Refusedf("%s blocked; without --dry-run this plan is refused", stepsAre(n))
	}
	return nil
}
