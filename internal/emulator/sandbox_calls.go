package emulator

import (
	"slices"

	"fleet/internal/emulator/request"
	"fleet/internal/emulator/world"
)

// pathSandbox returns the sandbox in the path, or a 404.
func (c *call) pathSandbox() (*world.Sandbox, error) {
	sb := c.Find(c.vars["id"])
	if sb == nil {
		return nil, world.SandboxNotFound(c.vars["id"])
	}
	return sb, nil
}

// withSandbox executes an operation on the sandbox in the path and responds with the
// sandbox.
func (c *call) withSandbox(status int, do func(*world.Sandbox) error) (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if err := do(sb); err != nil {
		return reply{}, err
	}
	return reply{status: status, body: c.srv.views().Sandbox(sb)}, nil
}

func (c *call) getSandbox() (reply, error) {
	return c.withSandbox(success, func(*world.Sandbox) error { return nil })
}

func (c *call) deleteSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if sb.Pending && (sb.State != world.StatePendingBuild || sb.DesiredState == world.StateDestroyed) {
		return reply{}, world.ErrInProgress
	}
	c.SoftDelete(sb)
	return reply{status: success, body: c.srv.views().Deleted(sb)}, nil
}

func (c *call) startSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if sb.State == world.StateStarted && sb.DesiredState == world.StateStarted {
		return reply{status: success, body: c.srv.views().Sandbox(sb)}, nil
	}
	if err := checkStart(sb); err != nil {
		return reply{}, err
	}
	if err := c.CheckNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.CheckQuota(sb.Target, world.Sizes{CPU: sb.CPU, Memory: sb.Memory, Disk: sb.Disk}, sb.GPU, sb); err != nil {
		return reply{}, err
	}
	sb.Failure = c.srv.faults.RunnerFailure(c.method, c.path)
	c.Start(sb)
	rep := reply{status: success, body: c.srv.views().Sandbox(sb)}
	if sb.State != world.StateArchived {
		rep.wait = &wait{id: sb.ID, currentState: true}
	}
	return rep, nil
}

// checkStart returns an error if the sandbox cannot be started in its state.
func checkStart(sb *world.Sandbox) error {
	if sb.Errored() {
		return world.ErrErrored
	}
	archiving := sb.DesiredState == world.StateArchived && (sb.State == world.StateStopped || sb.State == world.StateArchiving)
	switch {
	case sb.State != sb.DesiredState && !archiving:
		return world.ErrInProgress
	case !slices.Contains([]string{world.StateStopped, world.StateArchived, world.StateArchiving, world.StatePaused}, sb.State):
		return world.BadRequest("Sandbox is not in valid state")
	case sb.Pending:
		return world.ErrInProgress
	case sb.State == world.StatePaused:
		return world.NewAPIError(422, "Resuming is not supported for this sandbox")
	}
	return nil
}

func (c *call) stopSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	switch {
	case sb.Errored():
		return reply{}, world.ErrErrored
	case sb.State != sb.DesiredState:
		return reply{}, world.ErrInProgress
	case sb.State != world.StateStarted && sb.State != world.StatePaused:
		return reply{}, world.BadRequest("Sandbox is not in a stoppable state")
	case sb.Pending:
		return reply{}, world.ErrInProgress
	}
	sb.Failure = c.srv.faults.RunnerFailure(c.method, c.path)
	c.Stop(sb)
	if sb.DesiredState == world.StateDestroyed {
		return reply{status: success, body: c.srv.views().Deleted(sb)}, nil
	}
	return reply{status: success, body: c.srv.views().Sandbox(sb)}, nil
}

func (c *call) archiveSandbox() (reply, error) {
	return c.withSandbox(success, func(sb *world.Sandbox) error {
		switch {
		case sb.Errored():
			return world.ErrErrored
		case sb.State != sb.DesiredState:
			return world.ErrInProgress
		case sb.State != world.StateStopped:
			return world.BadRequest("Sandbox is not stopped")
		case sb.Pending:
			return world.ErrInProgress
		case sb.AutoDelete == 0:
			return world.BadRequest("Ephemeral sandboxes cannot be archived")
		}
		c.Archive(sb)
		return nil
	})
}

func (c *call) pauseSandbox() (reply, error) {
	return c.withSandbox(success, func(sb *world.Sandbox) error {
		switch {
		case sb.State != world.StateStarted:
			return world.BadRequest("Sandbox must be in started state to pause")
		case sb.Pending:
			return world.ErrInProgress
		}
		return world.NewAPIError(422, "Pausing is not supported for this sandbox")
	})
}

// recoverSandbox recovers a sandbox from an error state, in place.
func (c *call) recoverSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	switch {
	case !sb.Recoverable:
		return reply{}, world.BadRequest("Sandbox is not in a recoverable state")
	case sb.State != world.StateError:
		return reply{}, world.BadRequest("Sandbox must be in error state to recover")
	}
	if err := c.CheckNotSuspended(); err != nil {
		return reply{}, err
	}
	sb.State, sb.DesiredState = world.StateStopped, world.StateStopped
	sb.ErrorReason, sb.Recoverable = nil, false
	if request.First(c.query["skipStart"]) == "true" {
		c.Changed(sb)
		return reply{status: success, body: c.srv.views().Sandbox(sb)}, nil
	}
	c.Start(sb)
	return reply{status: success, body: c.srv.views().Sandbox(sb), wait: &wait{id: sb.ID, currentState: true}}, nil
}

// backupSandbox has no visible effect: the server does not show backups.
func (c *call) backupSandbox() (reply, error) {
	return c.withSandbox(201, func(*world.Sandbox) error { return nil })
}

// touchSandbox resets the idle clock.
func (c *call) touchSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	sb.LastActivityAt = c.Now
	c.Rearm(sb)
	return reply{status: 201}, nil
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
