package emulator

func (c *call) resizeSandbox() (reply, error) {
	if c.org.ResizeDisabled {
		return reply{}, notFound("Cannot %s /api%s", c.method, c.path)
	}
	in := &c.input
	cpu, memory, disk := in.number("cpu", 1), in.number("memory", 1), in.number("disk", 1)
	if err := in.err(); err != nil {
		return reply{}, err
	}
	return c.withSandbox(success, func(sb *sandbox) error {
		if err := checkResize(sb, cpu, memory, disk); err != nil {
			return err
		}
		if in.fraction {
			return errUnexpected
		}
		to := sizes{valueOr(cpu, sb.CPU), valueOr(memory, sb.Memory), valueOr(disk, sb.Disk)}
		if to == (sizes{sb.CPU, sb.Memory, sb.Disk}) {
			return errSameSize
		}
		if err := c.checkNotSuspended(); err != nil {
			return err
		}
		if err := c.checkQuota(sb.Target, to, sb); err != nil {
			return err
		}
		if c.jobRunning(sb) {
			return errJobRunning
		}
		sb.Resize = &to
		sb.Failure = c.srv.faults.runnerFailure(c.method, c.path)
		sb.State, sb.Pending = stateResizing, true
		sb.LastActivityAt = c.now
		sb.Due = ptr(c.now.plus(c.delays.Resize))
		c.changed(sb)
		return nil
	})
}

var errSameSize = badRequest("No resource changes specified - sandbox is already at the desired configuration")

// checkResize checks the state first, then what a running sandbox cannot do.
func checkResize(sb *sandbox, cpu, memory, disk *int) error {
	hot := sb.State == stateStarted
	switch {
	case !hot && sb.State != stateStopped:
		return badRequest("Sandbox must be in started or stopped state to resize")
	case sb.Pending:
		return errInProgress
	case cpu == nil && memory == nil && disk == nil:
		return errSameSize
	case disk != nil && hot:
		return badRequest("Disk resize can only be performed on a stopped sandbox")
	case hot && cpu != nil && *cpu < sb.CPU:
		return badRequest("Sandbox must be in stopped state to decrease the number of CPU cores")
	case hot && memory != nil && *memory < sb.Memory:
		return badRequest("Sandbox must be in stopped state to decrease memory")
	case disk != nil && *disk < sb.Disk:
		return badRequest("Sandbox disk size cannot be decreased")
	}
	return nil
}
