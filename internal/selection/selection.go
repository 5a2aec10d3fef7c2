// Package selection reads the values of flags that select what a command works
// on. Its errors name the flag.
package selection

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"fleet/apply"
	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// ReadSelectors reads the values of a flag such as --target. A value @FILE
// stands for the lines of a file, without comments.
func ReadSelectors(ctx context.Context, flag string, values []string) ([]plan.Selector, error) {
	var list []plan.Selector
	for _, v := range values {
		lines, at := []string{v}, flag
		if file, ok := strings.CutPrefix(v, "@"); ok {
			text, err := input.ReadNamed(ctx, file, input.MaxList)
			if err != nil {
				return nil, exit.Invalidf("%s %s: %w", flag, v, err)
			}
			if lines = selectorLines(string(text)); len(lines) == 0 {
				return nil, exit.Invalidf("%s %s: the file has no addresses", flag, v)
			}
			at = flag + " " + v
		}
		for _, line := range lines {
			s, err := plan.ParseSelector(line)
			if err != nil {
				return nil, exit.Invalidf("%s: %w", at, err)
			}
			list = append(list, s)
		}
	}
	return list, nil
}

// selectorLines returns the lines of a text without comments and blank lines.
func selectorLines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// ParseLabelSelectors reads the values of --selector.
func ParseLabelSelectors(values []string) ([]plan.Selector, error) {
	var list []plan.Selector
	for _, v := range values {
		s, err := plan.ParseLabelSelector(v)
		if err != nil {
			return nil, exit.Invalidf("--selector: %w", err)
		}
		list = append(list, s)
	}
	return list, nil
}

// ActionNames returns the names that --only accepts.
func ActionNames() []string {
	var names []string
	for _, a := range plan.Actions() {
		if a != plan.NoOp {
			names = append(names, a.String())
		}
	}
	return names
}

// ParseActions reads the values of --only.
func ParseActions(names []string) ([]plan.Action, error) {
	var list []plan.Action
	for _, name := range names {
		var a plan.Action
		name = strings.TrimSpace(name)
		if err := a.UnmarshalText([]byte(name)); err != nil || a == plan.NoOp {
			hint := cmp.Or(suggest.DidYouMean(name, ActionNames()), "valid actions: "+strings.Join(ActionNames(), ", "))
			return nil, exit.Invalidf("--only: unknown action %q; %s", name, hint)
		}
		list = append(list, a)
	}
	return list, nil
}

// FailedAddresses returns the addresses of the steps of a report that were not
// done. The report must be one of the fleet. The result is not nil unless there
// is an error: an empty list selects nothing.
func FailedAddresses(ctx context.Context, file, fleet string) ([]spec.Address, error) {
	text, err := input.ReadNamed(ctx, file, input.MaxReport)
	if err != nil {
		return nil, exit.Invalidf("--only-failed: %w", err)
	}
	report, err := render.ReadReport(text)
	var newer *render.NewerVersionError
	switch {
	case errors.As(err, &newer):
		return nil, exit.Invalidf("--only-failed: %s is %w", file, err)
	case err != nil:
		return nil, exit.Invalidf("--only-failed: %s is not a report of fleet apply: %w", file, err)
	case report.Error != "":
		return nil, exit.Invalidf("--only-failed: the run of %s ended before it had a plan: %s", file, report.Error)
	case report.Fleet != fleet:
		return nil, exit.Invalidf("--only-failed: %s is a report of fleet %q, but the spec declares fleet %q", file, report.Fleet, fleet)
	}
	failed := []spec.Address{}
	for _, x := range report.Results {
		if x.Outcome != apply.Done {
			failed = append(failed, x.Step.Address)
		}
	}
	return failed, nil
}
