package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fleet/apply"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// A selection is what the flags say of which steps to plan.
type selection struct {
	targets, excludes, labels, only, replace []string

	changedSince, onlyFailed string
}

// flags declares the flags that select; with replace, also the one that forces
// replacements.
func (sel *selection) flags(cmd *cobra.Command, replace bool) {
	f := cmd.Flags()
	const forms = "an address, a group, a range, a pattern such as sandbox.web*, labels such as team=a, or @FILE of such lines"
	f.StringArrayVar(&sel.targets, "target", nil, "plan only this and what it needs: `ADDRESS` is "+forms+"; repeatable")
	f.StringArrayVar(&sel.excludes, "exclude", nil, "exclude an `ADDRESS`, as for --target; repeatable")
	f.StringArrayVarP(&sel.labels, "selector", "l", nil, "plan only sandboxes with these `LABELS`, such as team=a,stage!=prod, and what they need")
	f.StringSliceVar(&sel.only, "only", nil, "plan only these `ACTIONS`, such as create,update")
	f.StringVar(&sel.changedSince, "changed-since", "", "plan only resources whose declaration differs from `GITREF`")
	f.StringVar(&sel.onlyFailed, "only-failed", "", "plan only the steps that are not done in the report in `FILE`, written by apply --report")
	if replace {
		f.StringArrayVar(&sel.replace, "replace", nil, "force the replacement of an `ADDRESS`, as for --target; repeatable")
	}
	sel.refuseEmpty(cmd)
	actions := slices.DeleteFunc(plan.Actions(), func(a plan.Action) bool { return a == plan.NoOp })
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = a.String()
	}
	_ = cmd.RegisterFlagCompletionFunc("only", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)) // fails only for flags that do not exist
}

// refuseEmpty refuses flags without a value, as variables of a shell that are
// not set leave them: they would select everything.
func (sel *selection) refuseEmpty(cmd *cobra.Command) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for name, empty := range map[string]bool{
			"only": len(sel.only) == 0, "changed-since": sel.changedSince == "", "only-failed": sel.onlyFailed == "",
		} {
			if empty && cmd.Flags().Changed(name) {
				return invalid("--%s is given without a value: that selects nothing; leave it out to plan everything", name)
			}
		}
		return before(cmd, args)
	}
}

// isSet reports whether any flag selects.
func (sel *selection) isSet() bool {
	return len(sel.targets)+len(sel.excludes)+len(sel.labels)+len(sel.only)+len(sel.replace) > 0 || sel.changedSince+sel.onlyFailed != ""
}

// selectInto reads the flags into the options of a plan for the fleet. It sends
// nothing.
func (a *app) selectInto(ctx context.Context, sel *selection, f *spec.Fleet, opts *plan.Options) (err error) {
	s := &opts.Select
	if s.Targets, err = parseSelectors(ctx, "--target", sel.targets); err != nil {
		return err
	}
	if s.Excludes, err = parseSelectors(ctx, "--exclude", sel.excludes); err != nil {
		return err
	}
	if opts.Replace, err = parseSelectors(ctx, "--replace", sel.replace); err != nil {
		return err
	}
	if s.Labels, err = parseLabelSelectors(sel.labels); err != nil {
		return err
	}
	if s.Only, err = parseActions(sel.only); err != nil {
		return err
	}
	if sel.changedSince != "" {
		changed, err := a.changedSince(ctx, sel.changedSince, f)
		if err != nil {
			return err
		}
		s.AddressFilters = append(s.AddressFilters, plan.AddressFilter{Source: "--changed-since " + sel.changedSince, Addresses: changed})
	}
	if sel.onlyFailed != "" {
		failed, err := failedAddresses(ctx, sel.onlyFailed, f.Name)
		if err != nil {
			return err
		}
		s.AddressFilters = append(s.AddressFilters, plan.AddressFilter{Source: "--only-failed " + sel.onlyFailed, Addresses: failed})
	}
	return nil
}

// openSelected is begin, and reads between the two what the flags select: a
// wrong one needs no credentials to be told.
func (p *planRun) openSelected(ctx context.Context) (*spec.Fleet, *session, error) {
	f, err := p.load()
	if err != nil {
		return nil, nil, err
	}
	if err := p.selectInto(ctx, &p.selection, f, &p.opts); err != nil {
		return nil, nil, err
	}
	p.noteWarnings(f)
	s, err := p.open(ctx)
	return f, s, err
}

// parseSelectors reads the values of a flag, those in files too.
func parseSelectors(ctx context.Context, flag string, values []string) ([]plan.Selector, error) {
	var list []plan.Selector
	for _, v := range values {
		lines := []string{v}
		at := flag
		if file, ok := strings.CutPrefix(v, "@"); ok {
			text, err := input.ReadNamed(ctx, file, input.MaxList)
			if err != nil {
				return nil, invalid("%s %s: %w", flag, v, err)
			}
			if lines = nonCommentLines(string(text)); len(lines) == 0 {
				return nil, invalid("%s %s: the file holds no address", flag, v)
			}
			at = flag + " " + v
		}
		for _, line := range lines {
			s, err := plan.ParseSelector(line)
			if err != nil {
				return nil, invalid("%s: %w", at, err)
			}
			list = append(list, s)
		}
	}
	return list, nil
}

// nonCommentLines lists the lines of a text without comments and blanks.
func nonCommentLines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

func parseLabelSelectors(values []string) ([]plan.Selector, error) {
	var list []plan.Selector
	for _, v := range values {
		s, err := plan.ParseLabelSelector(v)
		if err != nil {
			return nil, invalid("--selector: %w", err)
		}
		list = append(list, s)
	}
	return list, nil
}

// parseActions reads the names of actions.
func parseActions(names []string) ([]plan.Action, error) {
	var list []plan.Action
	var known []string
	for _, a := range plan.Actions() {
		if a != plan.NoOp {
			known = append(known, a.String())
		}
	}
	for _, name := range names {
		var a plan.Action
		name = strings.TrimSpace(name)
		if err := a.UnmarshalText([]byte(name)); err != nil || a == plan.NoOp {
			hint := suggest.DidYouMean(name, known)
			if hint == "" {
				hint = "there are " + strings.Join(known, ", ")
			}
			return nil, invalid("--only: there is no action %q; %s", name, hint)
		}
		list = append(list, a)
	}
	return list, nil
}

// failedAddresses lists what was not done by a report of apply.
func failedAddresses(ctx context.Context, file, fleet string) ([]spec.Address, error) {
	text, err := input.ReadNamed(ctx, file, input.MaxReport)
	if err != nil {
		return nil, invalid("--only-failed: %w", err)
	}
	report, err := render.ReadReport(text)
	var newer *render.NewerVersionError
	switch {
	case errors.As(err, &newer):
		return nil, invalid("--only-failed: %s is %w", file, err)
	case err != nil:
		return nil, invalid("--only-failed: %s is not a report of fleet apply -o json: %w", file, err)
	case report.Error != "":
		return nil, invalid("--only-failed: the run of %s came to no plan, so that nothing is known of its steps: %s", file, report.Error)
	case report.Fleet != fleet:
		return nil, invalid("--only-failed: %s is a report of the fleet %q, and the spec is that of %q", file, report.Fleet, fleet)
	}
	failed := []spec.Address{}
	for _, x := range report.Results {
		if x.Outcome != apply.Done {
			failed = append(failed, x.Step.Address)
		}
	}
	return failed, nil
}
