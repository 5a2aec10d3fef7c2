package cli

import (
	"bufio"
	"context"
	"fmt"
	"regexp"
	"strings"

	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/plan"
)

// digestPattern matches the digest of a plan.
var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// approveFlag declares --approve.
func approveFlag(f *flagSet, o *runOptions) {
	o.hasApprove = true
	f.StringVar(&o.approved, "approve", "", "apply without confirmation if the plan has this `DIGEST`")
	f.check(func() error {
		switch {
		case !f.Changed("approve"):
			return nil
		case !digestPattern.MatchString(o.approved):
			return exit.Invalidf("--approve requires the digest that fleet plan prints: sha256: and 64 hexadecimal digits")
		case o.yes:
			return exit.Invalidf("--yes and --approve are mutually exclusive: --yes approves any plan")
		}
		return nil
	})
}

// approve asks for approval, unless a flag gives it.
func (p *planRun) approve(ctx context.Context, pl *plan.Plan) error {
	o := &p.options
	if o.approved != "" {
		return p.checkApproved(pl)
	}
	if o.yes || pl.OnlyWaits() {
		return nil
	}
	if _, ok := p.app.terminalWidth(p.app.in); !ok {
		how := "--yes"
		if o.hasApprove {
			how += ", or with --approve and its digest"
		}
		return p.refuseWith(pl, exit.Refusedf("cannot ask for approval without a terminal; nothing was sent. Approve the plan with %s", how))
	}
	p.printQuestion(pl)
	answer, err := p.app.newAnswerReader(ctx).next()
	if ctx.Err() != nil {
		fmt.Fprintln(p.app.err)
		return p.refuseWith(pl, p.app.interruptedError("nothing was sent"))
	}
	if err != nil || answer != o.expectedAnswer {
		fmt.Fprintln(p.app.err)
		return p.refuseWith(pl, exit.Refusedf("not approved; nothing was sent"))
	}
	return nil
}

// printQuestion prints the question on standard error, below what the plan
// destroys. The plan is printed there too if standard output has another format.
func (p *planRun) printQuestion(pl *plan.Plan) {
	to := p.app.err
	if !p.printsText() {
		fmt.Fprint(to, p.planText(pl))
	}
	fmt.Fprintln(to)
	render.WriteHeading(to, pl, p.styleOf(to))
	fmt.Fprintf(to, "%s%s ", render.Losses(pl), p.options.question)
}

// checkApproved returns an error if the digest of a plan is not the approved
// one. A saved plan has its digest already.
func (p *planRun) checkApproved(pl *plan.Plan) error {
	if pl.Digest == "" {
		p.savedPlan(pl)
	}
	if pl.Digest == p.options.approved {
		return nil
	}
	err := exit.Stalef("the plan has changed since it was approved: its digest is now %s; nothing was sent. Review the plan and approve the new digest", pl.Digest)
	return p.refuseWith(pl, err)
}

// An answerReader reads what a user types, line by line.
type answerReader struct{ lines *bufio.Reader }

// newAnswerReader reads from standard input until ctx ends.
func (a *app) newAnswerReader(ctx context.Context) answerReader {
	return answerReader{bufio.NewReaderSize(input.NewReader(ctx, a.in), input.MaxLine)}
}

// next returns the next line without the blanks around it. It returns an error
// at the end of the input or of ctx, and for a line longer than input.MaxLine.
func (x answerReader) next() (string, error) {
	line, err := x.lines.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(line)), nil
}

// interruptedError returns the error of a command that a signal ended while it
// asked a question.
func (a *app) interruptedError(outcome string) error {
	return &exit.Error{Code: exit.Signal + a.interrupt.Signal(), Err: fmt.Errorf("interrupted; %s", outcome)}
}
