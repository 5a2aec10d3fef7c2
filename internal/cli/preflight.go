package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fleet/plan"
)

// quotaFlag declares the flag that takes the quota lightly.
func (p *pass) quotaFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.ignoreQuota, "ignore-quota", false, "continue even if the organisation's quota is too small")
}

// able refuses a plan that the forecast says would fail half-way.
func (p *pass) able(pl *plan.Plan) error {
	f := pl.Forecast
	switch {
	case f == nil:
		return nil
	case f.Suspended != "":
		return p.reported(pl, &exit{codeAuth, fmt.Errorf("%s: nothing was sent; see its page in the Daytona dashboard", f.Suspended)})
	case len(f.Missing) > 0:
		return p.reported(pl, &exit{codeAuth, fmt.Errorf("the API key lacks %s: nothing was sent. Use a key that has it, or give it to this one%s",
			strings.Join(f.Missing, ", "), p.keyFile())})
	case len(f.Exceeded()) > 0 && !p.ignoreQuota:
		return p.refuse(pl, "the quota is not enough for this plan: nothing was sent. Free what is missing, or try all the same with --ignore-quota")
	}
	return nil
}

// keyFile says which file the key is from, if it is from one, as an addition to a
// sentence.
func (p *pass) keyFile() string {
	if from := p.session.config.From.Credentials; from.File != "" {
		return ": " + from.String()
	}
	return ""
}
