package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/internal/exit"
	"fleet/internal/gitspec"
	"fleet/internal/selection"
	"fleet/plan"
	"fleet/spec"
)

// selectionOptions are the flags that restrict a plan to a part of the fleet.
type selectionOptions struct {
	targets, excludes, labels, only, replace []string
	changedSince, onlyFailed                 string
}

// addressForms are the forms of an ADDRESS in flags.
const addressForms = "an address, a group, a range, a pattern such as sandbox.web*, labels such as team=a, or @FILE of such lines"

// declareAddresses declares the flags that select by address and by label. verb is what
// the command does to the selected resources, and more names what it adds to them.
func (s *selectionOptions) declareAddresses(f *flagSet, verb, more string) {
	f.StringArrayVar(&s.targets, "target", nil, verb+" only this"+more+": `ADDRESS` is "+addressForms+"; repeatable")
	f.StringArrayVar(&s.excludes, "exclude", nil, "exclude an `ADDRESS`, as for --target; repeatable")
	f.StringArrayVarP(&s.labels, "selector", "l", nil, verb+" only sandboxes with these `LABELS`, such as team=a,stage!=prod"+strings.ReplaceAll(more, " it ", " they "))
}

func (s *selectionOptions) declare(f *flagSet) {
	s.declareAddresses(f, "plan", " and what it needs")
	f.StringSliceVar(&s.only, "only", nil, "plan only these `ACTIONS`, such as create,update")
	f.StringVar(&s.changedSince, "changed-since", "", "plan only resources whose declaration differs from `GITREF`")
	f.StringVar(&s.onlyFailed, "only-failed", "", "plan only the steps that are not done in the report in `FILE`, written by apply --report")
	f.complete("only", selection.ActionNames())
	f.check(func() error { return s.checkEmpty(f) })
}

func (s *selectionOptions) declareReplace(f *flagSet) {
	f.StringArrayVar(&s.replace, "replace", nil, "force the replacement of an `ADDRESS`, as for --target; repeatable")
}

// checkEmpty refuses flags with an empty value, which an unset variable of a
// shell leaves: the plan would be of the whole fleet.
func (s *selectionOptions) checkEmpty(f *flagSet) error {
	for _, x := range []struct {
		name  string
		empty bool
	}{
		{"only", len(s.only) == 0}, {"changed-since", s.changedSince == ""}, {"only-failed", s.onlyFailed == ""},
	} {
		if x.empty && f.Changed(x.name) {
			return exit.Invalidf("--%s requires a value; omit the flag to plan everything", x.name)
		}
	}
	return nil
}

// isSet reports whether any of the flags is given.
func (s *selectionOptions) isSet() bool {
	return len(s.targets)+len(s.excludes)+len(s.labels)+len(s.only)+len(s.replace) > 0 || s.changedSince+s.onlyFailed != ""
}

// selectInto reads the flags into the options of a plan. It sends nothing.
func (a *app) selectInto(ctx context.Context, in selectionOptions, f *spec.Fleet, opts *plan.Options) (err error) {
	s := &opts.Select
	if s.Targets, err = selection.ReadSelectors(ctx, "--target", in.targets); err != nil {
		return err
	}
	if s.Excludes, err = selection.ReadSelectors(ctx, "--exclude", in.excludes); err != nil {
		return err
	}
	if opts.Replace, err = selection.ReadSelectors(ctx, "--replace", in.replace); err != nil {
		return err
	}
	if s.Labels, err = selection.ParseLabelSelectors(in.labels); err != nil {
		return err
	}
	if s.Only, err = selection.ParseActions(in.only); err != nil {
		return err
	}
	if in.changedSince != "" {
		changed, err := a.changedSince(ctx, in.changedSince, f)
		if err != nil {
			return err
		}
		s.AddressFilters = append(s.AddressFilters, plan.AddressFilter{Source: "--changed-since " + in.changedSince, Addresses: changed})
	}
	if in.onlyFailed != "" {
		failed, err := selection.FailedAddresses(ctx, in.onlyFailed, f.Name)
		if err != nil {
			return err
		}
		s.AddressFilters = append(s.AddressFilters, plan.AddressFilter{Source: "--only-failed " + in.onlyFailed, Addresses: failed})
	}
	return nil
}

// changedSince returns the addresses whose declarations differ from those of a
// commit. It checks the commit out into a temporary directory and reads the spec
// there, with the same flags.
func (a *app) changedSince(ctx context.Context, ref string, f *spec.Fleet) ([]spec.Address, error) {
	if slices.Contains(a.flags.files, spec.Stdin) {
		return nil, exit.Invalidf("--changed-since requires a spec in files; standard input has no history")
	}
	r, err := gitspec.Open(ctx, a.flags.files[0])
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "fleet-since-")
	if err != nil {
		return nil, fmt.Errorf("--changed-since: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system cleans its temporary directory
	tree := filepath.Join(dir, "tree")
	if err := r.CheckOut(ctx, ref, filepath.Join(dir, "index"), tree); err != nil {
		return nil, err
	}
	o, err := a.specOptions()
	if err != nil {
		return nil, err
	}
	declared, err := o.Files(a.flags.files...)
	if err != nil {
		return nil, err
	}
	included := slices.DeleteFunc(slices.Clone(f.Files), func(file string) bool { return slices.Contains(declared, file) })
	if err := r.AddUntracked(ctx, included, tree); err != nil {
		return nil, err
	}
	before, err := a.loadAt(ctx, r, ref, tree)
	if err != nil {
		return nil, err
	}
	return f.ChangedAddresses(before), nil
}

// loadAt reads the spec from a tree of the repository. Files that are not in it
// declare nothing.
func (a *app) loadAt(ctx context.Context, r *gitspec.Repository, ref, tree string) (*spec.Fleet, error) {
	var files []string
	for _, file := range a.flags.files {
		there, err := r.PathIn(file, tree)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(there); err == nil {
			files = append(files, there)
		}
	}
	if len(files) == 0 {
		return &spec.Fleet{}, nil
	}
	o, err := a.specOptions()
	if err != nil {
		return nil, err
	}
	o.OnOpen, o.OnList = func(file string) { r.AddIfMissing(ctx, file, tree) }, nil
	// A cache would keep the digests of temporary files.
	o.Hasher, o.LocalFilesIn = buildcontext.NewHasher(buildcontext.Options{}), tree
	for i, file := range o.VarFiles {
		if there, err := r.PathIn(file, tree); err == nil {
			if _, err := os.Stat(there); err == nil {
				o.VarFiles[i] = there
			}
		}
	}
	if o.Root != "" {
		o.Root = tree
	}
	f, err := o.Load(files...)
	if unreadable := a.specs.environment.UnreadableError(); unreadable != nil {
		return nil, unreadable
	}
	if err != nil {
		return nil, commitError(err, ref, tree)
	}
	return f, nil
}

// commitError returns an error of reading a tree with the files named as git
// names those of a commit.
func commitError(err error, ref, tree string) error {
	rename := func(text string) string { return strings.ReplaceAll(text, tree+string(filepath.Separator), ref+":") }
	if list := spec.Diagnostics(nil); errors.As(err, &list) {
		for _, d := range list {
			d.Pos.File = rename(d.Pos.File)
		}
		return fmt.Errorf("reading the spec at %s: %w", ref, list)
	}
	return exit.Invalidf("reading the spec at %s: %s", ref, rename(err.Error()))
}
