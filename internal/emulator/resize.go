package emulator

import (
	"fleet/internal/emulator/world"
)

func (c *call) resizeSandbox() (reply, error) {
	if c.Org.ResizeDisabled {
		return reply{}, world.NotFound("Cannot %s /api%s", c.method, c.path)
	}
	in := &c.input
	cpu, memory, disk := in.Number("cpu", 1), in.Number("memory", 1), in.Number("disk", 1)
	if err := in.Err(); err != nil {
		return reply{}, err
	}
	return c.withSandbox(success, func(sb *world.Sandbox) error {
		if err := checkResize(sb, cpu, memory, disk); err != nil {
			return err
		}
		if in.Fraction {
			return world.ErrUnexpected
		}
		to := world.Sizes{CPU: world.ValueOr(cpu, sb.CPU), Memory: world.ValueOr(memory, sb.Memory), Disk: world.ValueOr(disk, sb.Disk)}
		if to == (world.Sizes{CPU: sb.CPU, Memory: sb.Memory, Disk: sb.Disk}) {
			return errSameSize
		}
		if err := c.CheckNotSuspended(); err != nil {
			return err
		}
		if err := c.CheckQuota(sb.Target, to, sb.GPU, sb); err != nil {
			return err
		}
		if c.JobRunning(sb) {
			return world.ErrJobRunning
		}
		sb.Resize = &to
		sb.Failure = c.srv.faults.RunnerFailure(c.method, c.path)
		sb.State, sb.Pending = world.StateResizing, true
		sb.LastActivityAt = c.Now
		sb.Due = new(c.Now.Plus(c.Delays.Resize))
		c.Changed(sb)
		return nil
	})
}

var errSameSize = world.BadRequest("No resource changes specified - sandbox is already at the desired configuration")

// checkResize checks the state first, then what a running sandbox does not support.
func checkResize(sb *world.Sandbox, cpu, memory, disk *int) error {
	hot := sb.State == world.StateStarted
	switch {
	case !hot && sb.State != world.StateStopped:
		return world.BadRequest("Sandbox must be in started or stopped state to resize")
	case sb.Pending:
		return world.ErrInProgress
	case cpu == nil && memory == nil && disk == nil:
		return errSameSize
	case disk != nil && hot:
		return world.BadRequest("Disk resize can only be performed on a stopped sandbox")
	case hot && cpu != nil && *cpu < sb.CPU:
		return world.BadRequest("Sandbox must be in stopped state to decrease the number of CPU cores")
	case hot && memory != nil && *memory < sb.Memory:
		return world.BadRequest("Sandbox must be in stopped state to decrease memory")
	case disk != nil && *disk < sb.Disk:
		return world.BadRequest("Sandbox disk size cannot be decreased")
	}
	return nil
}
