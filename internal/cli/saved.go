package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fleet/apply"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// planOrigin says what the plan of the pass is made from.
func (p *planRun) planOrigin(pl *plan.Plan) plan.Origin {
	opts := p.opts
	if pl.NeedsRegion() {
		opts.DefaultRegion = p.session.config.Target
	}
	o := plan.Origin{
		Program: Version(),
		Spec: plan.SavedSpec{
			Digest: p.fleet.Fingerprint(), Files: p.files, Recursive: p.specFlags.recursive,
			Environment: p.specFlags.environment, VarFiles: p.specFlags.varFiles, Unset: p.fleet.UnsetSummary(),
		},
		Server:  plan.SavedServer{URL: p.session.address, Organization: p.organization},
		Options: opts.ToSaved(),
	}
	if pl.Facts.Version != (spec.Version{}) {
		o.Server.Version = pl.Facts.Version.String()
	}
	for _, v := range p.specFlags.vars {
		name, _, _ := strings.Cut(v, "=")
		o.Spec.Vars = append(o.Spec.Vars, name)
	}
	return o
}

// savedPlan is the plan as it is saved. Its digest becomes the plan's.
func (p *planRun) savedPlan(pl *plan.Plan) *plan.Saved {
	saved := pl.ToSaved(p.fleet, p.planOrigin(pl))
	pl.Digest = saved.Digest
	return saved
}

// writeSaved writes a plan to a file that only its owner can read.
func (p *planRun) writeSaved(saved *plan.Saved, file string) error {
	saved.Created = time.Now().UTC().Truncate(time.Second)
	text, err := saved.Encode()
	if err != nil {
		return fmt.Errorf("saving the plan: %w", err)
	}
	if err := p.writeAtomically(file, text, privateMode); err != nil {
		return fmt.Errorf("saving the plan: %w", err)
	}
	p.note("Saved to %s. fleet apply %s does exactly this, as long as it holds.", file, file)
	return nil
}

// readSaved reads a saved plan.
func readSaved(ctx context.Context, file string) (*plan.Saved, error) {
	text, err := input.ReadNamed(ctx, file, input.MaxReport)
	if err != nil {
		return nil, invalid("reading the saved plan: %w", err)
	}
	s, err := plan.ReadSaved(text)
	switch {
	case errors.Is(err, plan.ErrEdited):
		return nil, stale("%s is refused: %w. Plan again with fleet plan --save", file, err)
	case err != nil:
		return nil, invalid("%s: %w", file, err)
	}
	return s, nil
}

// stale is the error of a saved plan or an approval that does not hold.
func stale(format string, args ...any) error {
	return &exitError{codeStale, fmt.Errorf(format, args...)}
}

func (a *app) showCommand() *cobra.Command {
	var output string
	var full bool
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan",
		Long: `Prints a plan that fleet plan --save wrote, as plan printed it. It needs neither
the spec nor a server, and sends nothing. Whether the plan still holds is told by
fleet apply.`,
		Example: `  fleet show p.json
  fleet show p.json -o json | jq .summary`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			saved, err := readSaved(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			pl := saved.Plan()
			if output == "json" {
				return render.PlanJSON(a.Out, pl)
			}
			a.note("Saved %s by fleet %s, for %s.", saved.Created.Format(time.RFC3339), saved.Program, serverText(saved.Server))
			style := a.style(a.Out)
			style.Full = full
			render.Plan(a.Out, pl, style)
			a.note("Digest: %s", saved.Digest)
			return nil
		},
	}
	a.outputFlag(cmd, &output)
	cmd.Flags().BoolVar(&full, "full", false, "show every step, including identical ones")
	return cmd
}

// serverText is a server and an organisation for a reader.
func serverText(s plan.SavedServer) string {
	if s.Organization == "" {
		return s.URL
	}
	return fmt.Sprintf("organisation %s at %s", s.Organization, s.URL)
}

// applySaved carries out a saved plan, if all of it still holds.
func (p *planRun) applySaved(cmd *cobra.Command, file string) error {
	if p.selection.isSet() {
		return invalid("a saved plan says what to do: give what to select to fleet plan --save")
	}
	for _, name := range []string{"adopt", "create-missing", "allow-destroy", "allow-environment-change"} {
		if cmd.Flags().Changed(name) {
			return invalid("a saved plan says what to do: give --%s to fleet plan --save", name)
		}
	}
	saved, err := p.openSaved(cmd, file)
	if err != nil {
		return p.failedBeforeRun(cmd.Context(), err)
	}
	defer p.session.close()
	return p.runRecorded(cmd.Context(), func() error {
		pl, err := p.recomputeSaved(cmd.Context(), file, saved)
		if err != nil {
			return err
		}
		return p.proceed(cmd.Context(), pl)
	})
}

// openSaved reads a saved plan and its spec, and opens the client.
func (p *planRun) openSaved(cmd *cobra.Command, file string) (*plan.Saved, error) {
	saved, err := readSaved(cmd.Context(), file)
	if err != nil {
		return nil, err
	}
	if p.approvedDigest != "" && p.approvedDigest != saved.Digest {
		return nil, stale("%s is not what was approved: its digest is %s. Nothing was sent", file, saved.Digest)
	}
	if err := p.loadSaved(cmd, saved); err != nil {
		return nil, err
	}
	p.session, err = p.open(cmd.Context())
	return saved, err
}

// loadSaved reads the spec of a saved plan again, with what it was read with
// where the flags do not say otherwise.
func (p *planRun) loadSaved(cmd *cobra.Command, saved *plan.Saved) (err error) {
	given, was := cmd.Flags().Changed, saved.Spec
	if !given("file") {
		if slices.Contains(was.Files, spec.Stdin) {
			return invalid("the plan was made from standard input: name the spec with -f, or give it again with -f -")
		}
		if i := slices.IndexFunc(was.Files, isStream); i >= 0 {
			return invalid("the plan was made from %s, which is no file any more: name the spec with -f, or give it again with -f %[1]s", was.Files[i])
		}
		p.files = was.Files
	}
	if !given("environment") {
		p.specFlags.environment = was.Environment
	}
	if !given("var-file") {
		p.specFlags.varFiles = was.VarFiles
	}
	if !given("recursive") {
		p.specFlags.recursive = was.Recursive
	}
	if p.fleet, err = p.load(); err != nil {
		return err
	}
	if was.Unset != "" {
		return stale("the plan was made while values were not set: %s. What depends on them was not compared: nothing was sent. Set them and plan again", was.Unset)
	}
	if p.fleet.HasFingerprint(was.Digest) {
		return nil
	}
	hint := ""
	if len(was.Vars) > 0 {
		hint = "; it was read with --var " + strings.Join(was.Vars, ", --var ")
	}
	return stale("the spec is not the one that the plan was made from: it was changed since, or its variables have other values%s. Nothing was sent; plan again", hint)
}

// recomputeSaved makes the saved plan again and returns what of it is still to be done.
// Nothing is when a single step no longer holds.
func (p *planRun) recomputeSaved(ctx context.Context, file string, saved *plan.Saved) (*plan.Plan, error) {
	if was := saved.Server.URL; was != p.session.address {
		return nil, stale("%s is for the server %s, and this is %s. Nothing was sent", file, was, p.session.address)
	}
	if was := saved.Options.Region; was != "" && was != p.session.config.Target {
		return nil, stale("%s creates what has no region of its own in %s: give --region %s. Nothing was sent", file, was, was)
	}
	p.opts = saved.ReplanOptions()
	pl, err := p.compute(ctx)
	if err != nil {
		return nil, err
	}
	if was := saved.Server.Organization; was != "" && p.organization != "" && was != p.organization {
		return nil, stale("%s is for the organisation %s, and this is %s. Nothing was sent", file, was, p.organization)
	}
	c := saved.Compare(pl, p.fleet)
	if len(c.Stale) > 0 {
		return nil, p.refuseStale(file, saved, c)
	}
	if len(c.Done) > 0 {
		p.note("%s done already: %s.", planStepsAre(len(c.Done)), firstAddresses(c.Done))
	}
	pl.Steps, pl.Digest = c.Pending, saved.Digest
	pl.Unlisted = plan.Counts{Unchanged: saved.Summary.Unchanged + len(c.Done), NotSelected: saved.Summary.NotSelected}
	return pl, nil
}

func planStepsAre(n int) string {
	return plan.Plural(n, "step of the plan is", "steps of the plan are")
}

// firstAddresses names the first few of a list.
func firstAddresses(list []spec.Address) string {
	const most = 10
	var names []string
	for _, a := range list[:min(len(list), most)] {
		names = append(names, a.String())
	}
	if n := len(list) - most; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(names, ", ")
}

// refuseStale tells which steps of a saved plan no longer hold, and why.
func (p *planRun) refuseStale(file string, saved *plan.Saved, c plan.Comparison) error {
	const most = 20
	var lines []string
	for _, s := range c.Stale[:min(len(c.Stale), most)] {
		lines = append(lines, "  "+s.String())
	}
	if n := len(c.Stale) - most; n > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", n))
	}
	already := ""
	if len(c.Done) > 0 {
		already = fmt.Sprintf("\n%s done already: %s.", planStepsAre(len(c.Done)), firstAddresses(c.Done))
	}
	err := stale("%s no longer holds, and nothing was sent:\n%s%s\nPlan again with fleet plan --save", file, strings.Join(lines, "\n"), already)
	why := map[spec.Address]string{}
	for _, s := range c.Stale {
		why[s.Address] = strings.Join(s.Reasons, "; ")
	}
	pl, r := saved.Plan(), &apply.Report{}
	for _, s := range pl.Steps {
		reason := why[s.Address]
		if reason == "" {
			reason = "another step of the saved plan no longer holds"
		}
		if s.Action != plan.NoOp {
			r.Results = append(r.Results, apply.Result{Step: s, Outcome: apply.Skipped, Err: errors.New(reason)})
		}
	}
	return errors.Join(err, p.writeRefusedPlan(pl, r))
}

// digestPattern is what the digest of a plan looks like.
var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// approveFlag declares --approve.
func (p *planRun) approveFlag(cmd *cobra.Command) {
	p.hasApproveFlag = true
	cmd.Flags().StringVar(&p.approvedDigest, "approve", "", "apply without confirmation if the plan has this `DIGEST`")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("approve") && !digestPattern.MatchString(p.approvedDigest) {
			return invalid("--approve takes the digest of a plan, sha256: and 64 digits of base 16, as fleet plan tells it")
		}
		return before(cmd, args)
	}
}

// checkApproved reports whether the plan is the one that was approved. Of a saved
// plan that was looked at before.
func (p *planRun) checkApproved(pl *plan.Plan) error {
	if pl.Digest == "" {
		p.savedPlan(pl)
	}
	if pl.Digest == p.approvedDigest {
		return nil
	}
	err := stale("this is not the plan that was approved: its digest is %s. Nothing was sent; look at it, and approve it by that", pl.Digest)
	return p.refuseWith(pl, err)
}
