package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fleet/apply"
	"fleet/internal/gc"
	"fleet/internal/input"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// A collecting is one run of gc.
type gcRun struct {
	planRun
	rulesFile   string // of rules
	dryRun      bool
	unowned     bool
	spareActive string
	flags       ruleFlags
}

// ruleFlags are a rule that is given by flags.
type ruleFlags struct {
	kind, action, owner              string
	names, labels, states            []string
	olderThan, idleFor, heartbeatMax string
	ownerLabel, heartbeat, lease     string
	duplicates                       bool
}

func (a *app) gcCommand() *cobra.Command {
	c := gcRun{planRun: planRun{app: a, question: "Collect these? Only yes is accepted:", expectedAnswer: "yes"}}
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Report unused objects, and delete, stop or archive them by rules",
		Long: `Reports what the fleet has, what never stops, is stuck or is a duplicate, and
which snapshots it has left behind. With rules, from a file or as one rule by
flags, it plans to delete, stop or archive what they pick, asks, and carries the
plan out.

Never touched are: what is protected, or belongs to another fleet or tool; what
was used or created within --spare-active; a sandbox whose label fleet-lease
holds a time (RFC 3339) that is still to come; a snapshot that a sandbox is made
from. What was used after the plan was made is left alone, too.

What no fleet owns is picked only by a rule that says so and names it, with
--unowned, and is deleted only with --allow-destroy.`,
		Example: `  fleet gc
  fleet gc --idle-for 2d --action archive
  fleet gc --rules gc.yaml --dry-run
  fleet gc --owner nobody --label purpose=scratch --older-than 7d --unowned --allow-destroy 20`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			opts, rules, err := c.rules(cmd.Context(), cmd.Flags())
			if err != nil {
				return err
			}
			c.specFlags.unset = spec.UnsetAll
			if c.fleet, c.session, err = a.loadAndOpen(cmd.Context()); err != nil {
				return err
			}
			defer c.session.close()
			return c.collect(cmd.Context(), rules, opts)
		},
	}
	c.runFlags(cmd)
	c.declareFlags(cmd.Flags())
	guard := cmd.Flags()
	guard.IntVar(&c.opts.AllowDestroy, "allow-destroy", 0, "allow deleting up to `N` objects, beyond the blast-radius limit")
	c.checkGuardFlags(cmd)
	guard.BoolVarP(&c.yes, "yes", "y", false, "skip the confirmation")
	guard.BoolVar(&c.skipBlocked, "skip-blocked", false, "apply the other steps if some are blocked")
	guard.BoolVar(&c.dryRun, "dry-run", false, "report and plan without applying")
	guard.BoolVar(&c.unowned, "unowned", false, "let rules select unowned objects")
	return cmd
}

// ruleFlagNames are the flags that make a rule.
var ruleFlagNames = []string{
	"kind", "owner", "name", "label", "state", "older-than", "idle-for", "owner-label", "heartbeat-label", "heartbeat-max",
	"duplicates", "lease-label", "action",
}

func (c *gcRun) declareFlags(f *pflag.FlagSet) {
	r := &c.flags
	f.StringVar(&c.rulesFile, "rules", "", "YAML `file` of rules")
	f.StringVar(&c.spareActive, "spare-active", "", "skip what was used or created within this time (default 15m)")
	f.StringVar(&r.kind, "kind", "sandbox", plan.JoinOr(spec.KindNames()))
	f.StringVar(&r.owner, "owner", gc.OwnerFleet, "whose sandboxes: fleet or nobody")
	f.StringArrayVar(&r.names, "name", nil, "pattern of names, such as scratch-*; repeatable")
	f.StringArrayVar(&r.labels, "label", nil, "label that it has, as `KEY=PATTERN`; repeatable")
	f.StringArrayVar(&r.states, "state", nil, "state that it is in; repeatable")
	f.StringVar(&r.olderThan, "older-than", "", "time since it was created, such as 7d")
	f.StringVar(&r.idleFor, "idle-for", "", "time since it was last used, such as 36h")
	f.StringVar(&r.ownerLabel, "owner-label", "", "label that says who is responsible, and is missing")
	f.StringVar(&r.heartbeat, "heartbeat-label", "", "label that holds when its user last gave a sign of life (RFC 3339)")
	f.StringVar(&r.heartbeatMax, "heartbeat-max", "", "longest time between two signs of life, such as 10m")
	f.BoolVar(&r.duplicates, "duplicates", false, "sandboxes that carry the labels of another one")
	f.StringVar(&r.lease, "lease-label", "", "label that holds until when it is in use, beside fleet-lease")
	f.StringVar(&r.action, "action", "delete", "what to do: delete, stop or archive")
}

// rules are those of the file, or the one of the flags.
func (c *gcRun) rules(ctx context.Context, f *pflag.FlagSet) (gc.Options, []gc.Rule, error) {
	opts := gc.Options{Unowned: c.unowned, AllowDestroy: c.opts.AllowDestroy}
	var given []string
	for _, name := range ruleFlagNames {
		if f.Changed(name) {
			given = append(given, "--"+name)
		}
	}
	var read gc.RuleSet
	switch {
	case c.rulesFile != "" && len(given) > 0:
		return opts, nil, invalid("the rules are given by --rules and by %s; give one or the other", strings.Join(given, ", "))
	case c.rulesFile != "":
		text, err := input.ReadNamed(ctx, c.rulesFile, input.MaxRules)
		if err != nil {
			return opts, nil, invalid("reading the rules: %w", err)
		}
		if read, err = gc.ParseRules(c.rulesFile, text); err != nil {
			return opts, nil, err
		}
	case len(given) > 0:
		rule, err := c.flags.rule()
		if err != nil {
			return opts, nil, invalid("%w", err)
		}
		read.Rules = []gc.Rule{rule}
	}
	opts.SpareActive = read.SpareActive
	if c.spareActive != "" {
		spare, err := gc.ParseAge(c.spareActive)
		if err != nil {
			return opts, nil, invalid("--spare-active: %w", err)
		}
		opts.SpareActive = spare
	}
	return opts, read.Rules, nil
}

// rule is the rule of the flags.
func (f ruleFlags) rule() (gc.Rule, error) {
	r := gc.Rule{
		Kind: spec.Kind(f.kind), Owner: f.owner, Names: f.names, States: f.states, OwnerLabel: f.ownerLabel,
		HeartbeatLabel: f.heartbeat, LeaseLabel: f.lease, Duplicates: f.duplicates, Labels: map[string]string{},
	}
	for _, l := range f.labels {
		key, pattern, ok := strings.Cut(l, "=")
		if !ok || key == "" {
			return r, fmt.Errorf("--label is given as KEY=PATTERN, not %q", l)
		}
		r.Labels[key] = pattern
	}
	for flag, span := range map[string]struct {
		text string
		into *time.Duration
	}{"--older-than": {f.olderThan, &r.OlderThan}, "--idle-for": {f.idleFor, &r.IdleFor}, "--heartbeat-max": {f.heartbeatMax, &r.HeartbeatMax}} {
		var err error
		if span.text == "" {
			continue
		}
		if *span.into, err = gc.ParseAge(span.text); err != nil {
			return r, fmt.Errorf("%s: %w", flag, err)
		}
	}
	var err error
	if r.Action, err = gc.ParseAction(f.action); err != nil {
		return r, err
	}
	return r, r.Check()
}

// collect reports, plans, asks and carries out.
func (c *gcRun) collect(ctx context.Context, rules []gc.Rule, opts gc.Options) error {
	wide := slices.ContainsFunc(rules, func(r gc.Rule) bool { return r.Owner == gc.OwnerNone || r.Kind != spec.SandboxKind })
	opts.Created = c.creations().list()
	world, err := observe.Observe(ctx, c.session.Client, observe.Scope{Fleet: c.fleet, Organization: wide, Creations: opts.Created})
	if err != nil {
		return err
	}
	opts.Now = c.session.ServerNow()
	report, pl := gc.Collect(c.fleet, world, rules, opts)
	pl.Forecast = plan.NewForecast(c.fleet, world, pl)
	c.setLocation(pl, world)
	if c.printsText() {
		render.GCReport(c.Out, c.fleet.Name, report, c.style(c.Out))
	}
	if !c.dryRun && !pl.Empty() {
		if c.printsText() {
			fmt.Fprintln(c.Out)
		}
		return c.proceed(ctx, pl)
	}
	if c.printsText() && len(rules) > 0 {
		fmt.Fprint(c.Out, "\n"+c.planText(pl))
	}
	shown := c.redactedPlan(pl)
	writers := c.planWriters(shown)
	writers["ndjson"] = c.reportWriters(shown, &apply.Report{})["ndjson"]
	writers["json"] = func(w io.Writer) error { return render.GCReportJSON(w, report, pl) }
	if err := c.writeFormats(writers); err != nil {
		return err
	}
	if n := len(pl.Blocked()); n > 0 {
		return refused("%s blocked; without --dry-run this plan is refused", stepsAre(n))
	}
	return nil
}
