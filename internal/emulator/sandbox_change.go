package emulator

import (
	"math"
	"strconv"
	"strings"

	"fleet/internal/emulator/request"
	"fleet/internal/emulator/world"
)

var (
	errNegativeStop    = world.BadRequest("Auto-stop interval must be non-negative")
	errNegativeArchive = world.BadRequest("Auto-archive interval must be non-negative")
)

// replaceLabels replaces all labels, in any state. A body without labels changes
// nothing, and the response then has no labels.
func (c *call) replaceLabels() (reply, error) {
	labels := c.input.Object("labels")
	if err := c.input.Err(); err != nil {
		return reply{}, err
	}
	given := c.input.Has("labels")
	rep, err := c.withSandbox(success, func(sb *world.Sandbox) error {
		if given {
			sb.Labels = labels
		}
		c.Changed(sb)
		return nil
	})
	if err == nil && !given {
		delete(rep.body.(map[string]any), "labels")
	}
	return rep, err
}

func (c *call) setPublic() (reply, error) {
	return c.withSandbox(201, func(sb *world.Sandbox) error {
		sb.Public = c.vars["value"] == "true"
		c.Changed(sb)
		return nil
	})
}

func (c *call) setAutoStop() (reply, error) {
	return c.setInterval(func(sb *world.Sandbox, n int) error {
		if n < 0 {
			return errNegativeStop
		}
		sb.AutoStop = n
		return nil
	})
}

func (c *call) setAutoArchive() (reply, error) {
	return c.setInterval(func(sb *world.Sandbox, n int) error {
		n, err := archiveInterval(n)
		if err != nil {
			return err
		}
		sb.AutoArchive = n
		return nil
	})
}

// setAutoDelete stores negative numbers unchanged; all of them mean never.
func (c *call) setAutoDelete() (reply, error) {
	return c.setInterval(func(sb *world.Sandbox, n int) error {
		if sb.GPU > 0 {
			return world.BadRequest("GPU sandboxes must remain ephemeral")
		}
		sb.AutoDelete = n
		return nil
	})
}

func (c *call) setAutoPause() (reply, error) {
	return c.setInterval(func(sb *world.Sandbox, n int) error {
		if n < 0 {
			return world.BadRequest("Auto-pause interval must be non-negative")
		}
		sb.AutoPause = &n
		return nil
	})
}

// setTTL sets the time of deletion, counted from now.
func (c *call) setTTL() (reply, error) {
	return c.setInterval(func(sb *world.Sandbox, n int) error {
		switch {
		case n < 0:
			return world.BadRequest("TTL must be non-negative")
		case n == 0:
			sb.AutoDestroyAt = nil
		default:
			sb.AutoDestroyAt = new(c.Now.PlusMinutes(n))
		}
		return nil
	})
}

// setInterval changes a number given in the path, in any state.
func (c *call) setInterval(set func(*world.Sandbox, int) error) (reply, error) {
	return c.withSandbox(201, func(sb *world.Sandbox) error {
		f, err := strconv.ParseFloat(strings.TrimSpace(c.vars["value"]), 64)
		if err != nil {
			f = math.NaN()
		}
		n, whole := request.Integer(f)
		if !whole {
			return world.ErrUnexpected
		}
		if err := set(sb, n); err != nil {
			return err
		}
		c.Changed(sb)
		return nil
	})
}

// archiveInterval returns the stored interval in minutes for a given one: 0 means the
// maximum.
func archiveInterval(n int) (int, error) {
	switch {
	case n < 0:
		return 0, errNegativeArchive
	case n == 0 || n > world.MaxAutoArchive:
		return world.MaxAutoArchive, nil
	}
	return n, nil
}

// setNetwork merges network settings by the rules of the server, in its order.
func (c *call) setNetwork() (reply, error) {
	in := &c.input
	for _, key := range []string{"networkAllowList", "domainAllowList"} {
		if in.Has(key) && in.Fields[key] == nil {
			in.AddProblem("%s must be a string", key)
		}
	}
	block, networks, domains := in.Flag("networkBlockAll"), in.Text("networkAllowList"), in.Text("domainAllowList")
	if err := in.Err(); err != nil {
		return reply{}, err
	}
	if block == nil && networks == nil && domains == nil {
		return reply{}, world.BadRequest("At least one of networkBlockAll, networkAllowList or domainAllowList must be provided")
	}
	return c.withSandbox(success, func(sb *world.Sandbox) error {
		if networks != nil && strings.TrimSpace(*networks) != "" {
			if err := world.CheckNetworks(*networks); err != nil {
				return err
			}
		}
		if domains != nil && strings.TrimSpace(*domains) != "" {
			if err := world.CheckDomains(*domains); err != nil {
				return err
			}
		}
		if c.JobRunning(sb) {
			return world.ErrJobRunning
		}
		mergeNetwork(sb, block, networks, domains)
		sb.JobUntil = new(c.Now.Plus(c.Delays.Network))
		c.Changed(sb)
		return nil
	})
}

// mergeNetwork merges the given network settings into those of a sandbox.
func mergeNetwork(sb *world.Sandbox, block *bool, networks, domains *string) {
	if domains != nil {
		sb.DomainAllowList = orNull(domains)
	}
	if block != nil {
		// Both true and false remove the list unless a new one is given.
		sb.NetworkBlockAll, sb.NetworkAllowList = *block, nil
	}
	if networks != nil {
		sb.NetworkAllowList = orNull(networks)
		if sb.NetworkAllowList != nil {
			sb.NetworkBlockAll = false
		}
	}
}

// orNull returns nil for a blank text.
func orNull(s *string) *string {
	if strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
}

// setSecrets replaces the set of secrets, which no response shows.
func (c *call) setSecrets() (reply, error) {
	list := c.input.List("secrets")
	if list == nil && len(c.input.Problems) == 0 {
		c.input.AddProblem("secrets must be an array")
	}
	if err := c.input.Err(); err != nil {
		return reply{}, err
	}
	return c.withSandbox(success, func(sb *world.Sandbox) error {
		resolved, err := c.ResolveSecrets(list)
		if err != nil {
			return err
		}
		sb.Secrets = resolved
		c.Changed(sb)
		return nil
	})
}
