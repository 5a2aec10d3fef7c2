package cli

import (
	"context"

	"fleet/internal/exit"
	"fleet/internal/kind"
	"fleet/internal/render"
	"fleet/internal/selection"
	"fleet/internal/status"
	"fleet/spec"
)

// statusSelection are the flags that restrict fleet status to some objects.
type statusSelection struct{ targets, excludes, labels, states []string }

// statusSelectionFlags are the names of these flags.
var statusSelectionFlags = []string{"target", "exclude", "selector", "state"}

func (s *statusSelection) declare(f *flagSet) {
	f.StringArrayVar(&s.targets, "target", nil, "list only this: `ADDRESS` is "+addressForms+"; repeatable")
	f.StringArrayVar(&s.excludes, "exclude", nil, "exclude an `ADDRESS`, as for --target; repeatable")
	f.StringArrayVarP(&s.labels, "selector", "l", nil, "list only sandboxes with these `LABELS`, such as team=a,stage!=prod")
	f.StringSliceVar(&s.states, "state", nil, "list only objects in these `STATES`, such as started,error")
	f.check(func() error {
		if f.Changed("state") && len(s.states) == 0 {
			return exit.Invalidf("--state requires a value; omit the flag to list all states")
		}
		if err := kind.CheckStates(s.states); err != nil {
			return exit.Invalidf("--state: %w", err)
		}
		return nil
	})
}

// read reads the flags. It sends nothing.
func (s *statusSelection) read(ctx context.Context) (out status.Selection, err error) {
	if out.Targets, err = selection.ReadSelectors(ctx, "--target", s.targets); err != nil {
		return out, err
	}
	if out.Excludes, err = selection.ReadSelectors(ctx, "--exclude", s.excludes); err != nil {
		return out, err
	}
	out.Labels, err = selection.ParseLabelSelectors(s.labels)
	out.States = s.states
	return out, err
}

// checkLast refuses these flags together with --last.
func (s *statusSelection) checkLast(f *flagSet) error {
	for _, name := range statusSelectionFlags {
		if f.Changed(name) {
			return exit.Invalidf("--last and --%s are mutually exclusive", name)
		}
	}
	return nil
}

// regionNames returns the names of regions for a format that shows them. If they cannot be
// read, regions are shown by id.
func regionNames(ctx context.Context, s *session, format string) spec.Facts {
	facts := spec.Facts{Regions: map[string]string{}}
	if format == render.TextFormat {
		return facts
	}
	regions, err := s.Regions(ctx)
	if err != nil {
		return facts
	}
	for _, r := range regions {
		facts.Regions[r.Name] = r.ID
	}
	return facts
}
