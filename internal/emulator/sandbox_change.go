package emulator

import (
	"math"
	"strconv"
	"strings"
)

var (
	errNegativeStop    = badRequest("Auto-stop interval must be non-negative")
	errNegativeArchive = badRequest("Auto-archive interval must be non-negative")
)

// replaceLabels replaces all labels, in any state. A body without them changes
// nothing and is answered without them.
func (c *call) replaceLabels() (reply, error) {
	labels := c.input.object("labels")
	if err := c.input.err(); err != nil {
		return reply{}, err
	}
	given := c.input.has("labels")
	rep, err := c.withSandbox(success, func(sb *sandbox) error {
		if given {
			sb.Labels = labels
		}
		c.changed(sb)
		return nil
	})
	if err == nil && !given {
		delete(rep.body.(map[string]any), "labels")
	}
	return rep, err
}

func (c *call) setPublic() (reply, error) {
	return c.withSandbox(201, func(sb *sandbox) error {
		sb.Public = c.vars["value"] == "true"
		c.changed(sb)
		return nil
	})
}

func (c *call) setAutoStop() (reply, error) {
	return c.setInterval(func(sb *sandbox, n int) error {
		if n < 0 {
			return errNegativeStop
		}
		sb.AutoStop = n
		return nil
	})
}

func (c *call) setAutoArchive() (reply, error) {
	return c.setInterval(func(sb *sandbox, n int) error {
		n, err := archiveInterval(n)
		if err != nil {
			return err
		}
		sb.AutoArchive = n
		return nil
	})
}

// setAutoDelete stores negative numbers as they are; all of them mean never.
func (c *call) setAutoDelete() (reply, error) {
	return c.setInterval(func(sb *sandbox, n int) error {
		if sb.GPU > 0 {
			return badRequest("GPU sandboxes must remain ephemeral")
		}
		sb.AutoDelete = n
		return nil
	})
}

func (c *call) setAutoPause() (reply, error) {
	return c.setInterval(func(sb *sandbox, n int) error {
		if n < 0 {
			return badRequest("Auto-pause interval must be non-negative")
		}
		sb.AutoPause = &n
		return nil
	})
}

// setTTL counts from now, not from the creation.
func (c *call) setTTL() (reply, error) {
	return c.setInterval(func(sb *sandbox, n int) error {
		switch {
		case n < 0:
			return badRequest("TTL must be non-negative")
		case n == 0:
			sb.AutoDestroyAt = nil
		default:
			sb.AutoDestroyAt = ptr(c.now.plusMinutes(n))
		}
		return nil
	})
}

// setInterval changes a number given in the path, in any state.
func (c *call) setInterval(set func(*sandbox, int) error) (reply, error) {
	return c.withSandbox(201, func(sb *sandbox) error {
		f, err := strconv.ParseFloat(strings.TrimSpace(c.vars["value"]), 64)
		if err != nil {
			f = math.NaN()
		}
		n, whole := integer(f)
		if !whole {
			return errUnexpected
		}
		if err := set(sb, n); err != nil {
			return err
		}
		c.changed(sb)
		return nil
	})
}

// archiveInterval is the stored interval for a given one: 0 means the longest.
func archiveInterval(n int) (int, error) {
	switch {
	case n < 0:
		return 0, errNegativeArchive
	case n == 0 || n > maxAutoArchive:
		return maxAutoArchive, nil
	}
	return n, nil
}

// setNetwork merges network settings by the server's rules, in its order.
func (c *call) setNetwork() (reply, error) {
	in := &c.input
	for _, key := range []string{"networkAllowList", "domainAllowList"} {
		if in.has(key) && in.fields[key] == nil {
			in.addProblem("%s must be a string", key)
		}
	}
	block, networks, domains := in.flag("networkBlockAll"), in.text("networkAllowList"), in.text("domainAllowList")
	if err := in.err(); err != nil {
		return reply{}, err
	}
	if block == nil && networks == nil && domains == nil {
		return reply{}, badRequest("At least one of networkBlockAll, networkAllowList or domainAllowList must be provided")
	}
	return c.withSandbox(success, func(sb *sandbox) error {
		if networks != nil && strings.TrimSpace(*networks) != "" {
			if err := checkNetworks(*networks); err != nil {
				return err
			}
		}
		if domains != nil && strings.TrimSpace(*domains) != "" {
			if err := checkDomains(*domains); err != nil {
				return err
			}
		}
		if c.jobRunning(sb) {
			return errJobRunning
		}
		mergeNetwork(sb, block, networks, domains)
		sb.JobUntil = ptr(c.now.plus(c.delays.Network))
		c.changed(sb)
		return nil
	})
}

func mergeNetwork(sb *sandbox, block *bool, networks, domains *string) {
	if domains != nil {
		sb.DomainAllowList = orNull(domains)
	}
	if block != nil {
		// true and false alike: without a list next to it, the list goes.
		sb.NetworkBlockAll, sb.NetworkAllowList = *block, nil
	}
	if networks != nil {
		sb.NetworkAllowList = orNull(networks)
		if sb.NetworkAllowList != nil {
			sb.NetworkBlockAll = false
		}
	}
}

// orNull is nil for a blank text.
func orNull(s *string) *string {
	if strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
}

// setSecrets replaces the set of secrets, which no answer shows.
func (c *call) setSecrets() (reply, error) {
	list := c.input.list("secrets")
	if list == nil && len(c.input.problems) == 0 {
		c.input.addProblem("secrets must be an array")
	}
	if err := c.input.err(); err != nil {
		return reply{}, err
	}
	return c.withSandbox(success, func(sb *sandbox) error {
		resolved, err := c.resolveSecrets(list)
		if err != nil {
			return err
		}
		sb.Secrets = resolved
		c.changed(sb)
		return nil
	})
}
