package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fleet/plan"
)

// quotaFlag declares the flag that takes the quota lightly.
func (p *planRun) quotaFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.ignoreQuota, "ignore-quota", false, "continue even if the organisation's quota is too small")
}

// checkForecast refuses a plan that the forecast says would fail half-way.
func (p *planRun) checkForecast(pl *plan.Plan) error {
	f := pl.Forecast
	switch {
	case f == nil:
		return nil
	case f.SuspendedReason != "":
		return p.refuseWith(pl, &exitError{codeAuth, fmt.Errorf("%s: nothing was sent; see its page in the Daytona dashboard", f.SuspendedReason)})
	case len(f.MissingPermissions) > 0:
		return p.refuseWith(pl, &exitError{codeAuth, fmt.Errorf("the API key lacks %s: nothing was sent. Use a key that has it, or give it to this one%s",
			strings.Join(f.MissingPermissions, ", "), p.keyFile())})
	case len(f.PersistentShortages()) > 0 && !p.ignoreQuota:
		return p.refuse(pl, "the quota is not enough for this plan: nothing was sent. Free what is missing, or try all the same with --ignore-quota")
	}
	return nil
}

// keyFile says which file the key is from, if it is from one, as an addition to a
// sentence.
func (p *planRun) keyFile() string {
	if from := p.session.config.Origins.Credentials; from.File != "" {
		return ": " + from.String()
	}
	return ""
}
