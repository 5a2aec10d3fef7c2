package cli

import (
	"fmt"
	"strings"

	"fleet/internal/exit"
	"fleet/plan"
)

// checkBlocked returns an error if blocked steps stop the plan: any, unless
// --skip-blocked leaves something to do.
func (p *planRun) checkBlocked(pl *plan.Plan) error {
	blocked, changes := len(pl.Blocked()), pl.ChangeCount()
	switch {
	case blocked > 0 && !p.options.skipBlocked:
		return exit.Refusedf("%s blocked; nothing was sent. Resolve the blocked steps, or apply the rest with --skip-blocked", stepsAre(blocked))
	case blocked == changes:
		return exit.Refusedf("all steps are blocked; nothing was sent")
	case len(pl.BlockedBy()) == changes:
		return exit.Refusedf("all steps are blocked or depend on blocked steps; nothing was sent")
	}
	return nil
}

// checkForecast returns an error for a plan that would fail half-way.
func (p *planRun) checkForecast(pl *plan.Plan) error {
	f := pl.Forecast
	switch {
	case f == nil:
		return nil
	case f.SuspendedReason != "":
		return &exit.Error{Code: exit.Auth, Err: fmt.Errorf("%s; nothing was sent; see the Daytona dashboard", f.SuspendedReason)}
	case len(f.MissingPermissions) > 0:
		return &exit.Error{Code: exit.Auth, Err: fmt.Errorf("the API key lacks %s; nothing was sent. Add the permissions, or use another key%s",
			strings.Join(f.MissingPermissions, ", "), p.keyFile())}
	case len(f.PersistentShortages()) > 0 && !p.options.ignoreQuota:
		return exit.Refusedf("the quota is too small for this plan; nothing was sent. Free resources, or continue anyway with --ignore-quota")
	}
	return nil
}

// keyFile returns which file the API key is from, as an addition to a sentence;
// "" if it is from the environment.
func (p *planRun) keyFile() string {
	if from := p.session.config.Origins.Credentials; from.File != "" {
		return ": " + from.String()
	}
	return ""
}
