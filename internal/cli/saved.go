package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fleet/apply"
	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/outfile"
	"fleet/plan"
	"fleet/spec"
)

// planOrigin returns what a plan was made from.
func (p *planRun) planOrigin(pl *plan.Plan) plan.Origin {
	opts, in := p.options.plan, p.app.flags.spec
	if pl.NeedsRegion() {
		opts.DefaultRegion = p.session.config.Target
	}
	o := plan.Origin{
		Program: Version(),
		Spec: plan.SavedSpec{
			Digest: p.fleet.Fingerprint(), Files: p.app.flags.files, Recursive: in.recursive,
			Environment: in.environment, VarFiles: in.varFiles, Unset: p.fleet.UnsetSummary(),
		},
		Server:  plan.SavedServer{URL: p.session.address, Organization: p.organization},
		Options: opts.ToSaved(),
	}
	if pl.Facts.Version != (spec.Version{}) {
		o.Server.Version = pl.Facts.Version.String()
	}
	for _, v := range in.vars {
		name, _, _ := strings.Cut(v, "=")
		o.Spec.Vars = append(o.Spec.Vars, name)
	}
	return o
}

// savedPlan returns a plan as it is saved, and sets the digest of the plan.
func (p *planRun) savedPlan(pl *plan.Plan) *plan.Saved {
	saved := pl.ToSaved(p.fleet, p.planOrigin(pl))
	pl.Digest = saved.Digest
	return saved
}

// writeSaved writes a plan to a file that only its owner can read.
func (p *planRun) writeSaved(saved *plan.Saved, file string) error {
	saved.Created = time.Now().UTC().Truncate(time.Second)
	if err := p.app.outFiles().WriteBy(file, saved.Write); err != nil {
		return fmt.Errorf("saving the plan: %w", err)
	}
	p.app.note("Saved the plan to %s. To apply exactly this plan, run `fleet apply %s`.", file, file)
	return nil
}

// readSaved reads a saved plan.
func readSaved(ctx context.Context, file string) (*plan.Saved, error) {
	text, err := input.ReadNamed(ctx, file, input.MaxReport)
	if err != nil {
		return nil, exit.Invalidf("reading the saved plan: %w", err)
	}
	s, err := plan.ReadSaved(text)
	switch {
	case errors.Is(err, plan.ErrEdited):
		return nil, exit.Stalef("%s is refused: %w. Plan again with fleet plan --save", file, err)
	case err != nil:
		return nil, exit.Invalidf("%s: %w", file, err)
	}
	return s, nil
}

// applySaved applies a saved plan if all of it is still up to date, or only shows it.
func (p *planRun) applySaved(cmd *cobra.Command, file string, o applyOptions) error {
	if o.selection.isSet() {
		return exit.Invalidf("flags that select cannot be used with a saved plan: give them to fleet plan --save")
	}
	for _, name := range []string{"adopt", "create-missing", "allow-destroy", "allow-environment-change"} {
		if cmd.Flags().Changed(name) {
			return exit.Invalidf("--%s cannot be used with a saved plan: give it to fleet plan --save", name)
		}
	}
	saved, err := p.openSaved(cmd, file)
	if err != nil {
		return p.failedBeforeRun(cmd.Context(), err)
	}
	defer p.session.close()
	if o.dryRun {
		pl, err := p.recomputeSaved(cmd.Context(), file, saved)
		if err != nil {
			return err
		}
		return p.showPlan(pl)
	}
	return p.runRecorded(cmd.Context(), func() error {
		pl, err := p.recomputeSaved(cmd.Context(), file, saved)
		if err != nil {
			return err
		}
		return p.proceed(cmd.Context(), pl)
	})
}

// openSaved reads a saved plan and its spec, and connects to the server.
func (p *planRun) openSaved(cmd *cobra.Command, file string) (*plan.Saved, error) {
	saved, err := readSaved(cmd.Context(), file)
	if err != nil {
		return nil, err
	}
	if approved := p.options.approved; approved != "" && approved != saved.Digest {
		return nil, exit.Stalef("%s is not the approved plan: its digest is %s; nothing was sent", file, saved.Digest)
	}
	if err := p.loadSaved(cmd, saved); err != nil {
		return nil, err
	}
	p.session, err = p.app.open(cmd.Context())
	return saved, err
}

// loadSaved reads the spec of a saved plan again, with the flags that it was
// read with unless new ones are given.
func (p *planRun) loadSaved(cmd *cobra.Command, saved *plan.Saved) (err error) {
	if err := p.restoreFlags(cmd, saved.Spec); err != nil {
		return err
	}
	if p.fleet, err = p.app.load(); err != nil {
		return err
	}
	was := saved.Spec
	if was.Unset != "" {
		return exit.Stalef("the plan was made without values for %s, so objects that depend on them were not compared; nothing was sent. Set the values and plan again", was.Unset)
	}
	if p.fleet.HasFingerprint(was.Digest) {
		return nil
	}
	hint := ""
	if len(was.Vars) > 0 {
		hint = "; it was read with --var " + strings.Join(was.Vars, ", --var ")
	}
	return exit.Stalef("the spec or the values of its variables have changed since the plan was made%s. Nothing was sent; plan again", hint)
}

// restoreFlags sets the flags of the spec that are not given to the values with
// which the spec of a saved plan was read.
func (p *planRun) restoreFlags(cmd *cobra.Command, was plan.SavedSpec) error {
	given, flags := cmd.Flags().Changed, &p.app.flags
	if !given("file") {
		if slices.Contains(was.Files, spec.Stdin) {
			return exit.Invalidf("the plan was made from standard input: name the spec with -f, or pipe it again with -f -")
		}
		if i := slices.IndexFunc(was.Files, outfile.IsStream); i >= 0 {
			return exit.Invalidf("the plan was made from %s, which is not a regular file: name the spec with -f, or pass it again with -f %[1]s", was.Files[i])
		}
		flags.files = was.Files
	}
	if !given("environment") {
		flags.spec.environment = was.Environment
	}
	if !given("var-file") {
		flags.spec.varFiles = was.VarFiles
	}
	if !given("recursive") {
		flags.spec.recursive = was.Recursive
	}
	return nil
}

// recomputeSaved plans again and returns the steps of the saved plan that are
// still to be done. It returns an error if a single step is out of date.
func (p *planRun) recomputeSaved(ctx context.Context, file string, saved *plan.Saved) (*plan.Plan, error) {
	if was := saved.Server.URL; was != p.session.address {
		return nil, exit.Stalef("%s is for server %s, but this is %s; nothing was sent", file, was, p.session.address)
	}
	if was := saved.Options.Region; was != "" && was != p.session.config.Target {
		return nil, exit.Stalef("%s uses %s as the default region: add --region %s; nothing was sent", file, was, was)
	}
	p.options.plan = saved.ReplanOptions()
	pl, err := p.compute(ctx)
	if err != nil {
		return nil, err
	}
	if was := saved.Server.Organization; was != "" && p.organization != "" && was != p.organization {
		return nil, exit.Stalef("%s is for organisation %s, but this is %s; nothing was sent", file, was, p.organization)
	}
	c := saved.Compare(pl, p.fleet)
	if len(c.Stale) > 0 {
		return nil, p.refuseStale(file, saved, c)
	}
	done, retained := splitRetained(c.Done, pl)
	if len(done) > 0 {
		p.app.note("%s.", doneText(done))
	}
	for _, s := range retained {
		p.app.note("%s is not deleted: %s.", s.Address, s.RetainedReason)
	}
	pl.Steps, pl.Digest = c.Pending, saved.Digest
	pl.Unlisted = plan.Counts{Unchanged: saved.Summary.Unchanged + len(c.Done), NotSelected: saved.Summary.NotSelected}
	return pl, nil
}

// splitRetained separates the steps of a saved plan that are done from those of objects
// that stay, as computed now.
func splitRetained(list []spec.Address, now *plan.Plan) (done []spec.Address, retained []*plan.Step) {
	for _, a := range list {
		i := slices.IndexFunc(now.Steps, func(s *plan.Step) bool { return s.Address == a })
		if i >= 0 && now.Steps[i].IsFormerVersion() && now.Steps[i].RetainedReason != "" {
			retained = append(retained, now.Steps[i])
		} else {
			done = append(done, a)
		}
	}
	return done, retained
}

// doneText returns which steps of a saved plan are done already.
func doneText(done []spec.Address) string {
	return plan.Plural(len(done), "step of the plan is", "steps of the plan are") + " already done: " + firstAddresses(done)
}

// firstAddresses returns the first addresses of a list, as a part of a sentence.
func firstAddresses(list []spec.Address) string {
	const most = 10
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.String()
	}
	if n := len(list) - most; n > 0 {
		names = append(names[:most], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(names, ", ")
}

// refuseStale writes the outputs of a saved plan that is out of date, and returns
// an error with the steps that are, and why.
func (p *planRun) refuseStale(file string, saved *plan.Saved, c plan.Comparison) error {
	const most = 20
	var lines []string
	for _, s := range c.Stale[:min(len(c.Stale), most)] {
		lines = append(lines, "  "+s.String())
	}
	if n := len(c.Stale) - most; n > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", n))
	}
	done := ""
	if len(c.Done) > 0 {
		done = "\n" + doneText(c.Done) + "."
	}
	err := exit.Stalef("%s is out of date; nothing was sent:\n%s%s\nPlan again with fleet plan --save", file, strings.Join(lines, "\n"), done)
	reasons := map[spec.Address]string{}
	for _, s := range c.Stale {
		reasons[s.Address] = strings.Join(s.Reasons, "; ")
	}
	pl, r := saved.Plan(), &apply.Report{}
	for _, s := range pl.Steps {
		reason := reasons[s.Address]
		if reason == "" {
			reason = "another step of the saved plan is out of date"
		}
		if s.Action != plan.NoOp {
			r.Results = append(r.Results, apply.Result{Step: s, Outcome: apply.Skipped, Err: errors.New(reason)})
		}
	}
	return errors.Join(err, p.writeRefused(pl, r))
}
