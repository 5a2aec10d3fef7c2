package emulator

import "slices"

// pathSandbox returns the sandbox of the path, or a 404.
func (c *call) pathSandbox() (*sandbox, error) {
	sb := c.find(c.vars["id"])
	if sb == nil {
		return nil, sandboxNotFound(c.vars["id"])
	}
	return sb, nil
}

// withSandbox does an operation on the sandbox of the path and answers with it.
func (c *call) withSandbox(status int, do func(*sandbox) error) (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if err := do(sb); err != nil {
		return reply{}, err
	}
	return reply{status: status, body: c.srv.viewSandbox(sb)}, nil
}

func (c *call) getSandbox() (reply, error) {
	return c.withSandbox(success, func(*sandbox) error { return nil })
}

func (c *call) deleteSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if sb.Pending && (sb.State != statePendingBuild || sb.DesiredState == stateDestroyed) {
		return reply{}, errInProgress
	}
	c.softDelete(sb)
	return reply{status: success, body: c.srv.viewDeleted(sb)}, nil
}

func (c *call) startSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if sb.State == stateStarted && sb.DesiredState == stateStarted {
		return reply{status: success, body: c.srv.viewSandbox(sb)}, nil
	}
	if err := checkStart(sb); err != nil {
		return reply{}, err
	}
	if err := c.checkNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.checkQuota(sb.Target, sizes{sb.CPU, sb.Memory, sb.Disk}, sb); err != nil {
		return reply{}, err
	}
	sb.Failure = c.srv.faults.runnerFailure(c.method, c.path)
	c.start(sb)
	rep := reply{status: success, body: c.srv.viewSandbox(sb)}
	if sb.State != stateArchived {
		rep.wait = &wait{id: sb.ID, currentState: true}
	}
	return rep, nil
}

func checkStart(sb *sandbox) error {
	if sb.errored() {
		return errErrored
	}
	archiving := sb.DesiredState == stateArchived && (sb.State == stateStopped || sb.State == stateArchiving)
	switch {
	case sb.State != sb.DesiredState && !archiving:
		return errInProgress
	case !slices.Contains([]string{stateStopped, stateArchived, stateArchiving, statePaused}, sb.State):
		return badRequest("Sandbox is not in valid state")
	case sb.Pending:
		return errInProgress
	case sb.State == statePaused:
		return newAPIError(422, "Resuming is not supported for this sandbox")
	}
	return nil
}

func (c *call) stopSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	switch {
	case sb.errored():
		return reply{}, errErrored
	case sb.State != sb.DesiredState:
		return reply{}, errInProgress
	case sb.State != stateStarted && sb.State != statePaused:
		return reply{}, badRequest("Sandbox is not in a stoppable state")
	case sb.Pending:
		return reply{}, errInProgress
	}
	sb.Failure = c.srv.faults.runnerFailure(c.method, c.path)
	c.stop(sb)
	if sb.DesiredState == stateDestroyed {
		return reply{status: success, body: c.srv.viewDeleted(sb)}, nil
	}
	return reply{status: success, body: c.srv.viewSandbox(sb)}, nil
}

func (c *call) archiveSandbox() (reply, error) {
	return c.withSandbox(success, func(sb *sandbox) error {
		switch {
		case sb.errored():
			return errErrored
		case sb.State != sb.DesiredState:
			return errInProgress
		case sb.State != stateStopped:
			return badRequest("Sandbox is not stopped")
		case sb.Pending:
			return errInProgress
		case sb.AutoDelete == 0:
			return badRequest("Ephemeral sandboxes cannot be archived")
		}
		c.archive(sb)
		return nil
	})
}

func (c *call) pauseSandbox() (reply, error) {
	return c.withSandbox(success, func(sb *sandbox) error {
		switch {
		case sb.State != stateStarted:
			return badRequest("Sandbox must be in started state to pause")
		case sb.Pending:
			return errInProgress
		}
		return newAPIError(422, "Pausing is not supported for this sandbox")
	})
}

// recoverSandbox brings back an errored sandbox in place.
func (c *call) recoverSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	switch {
	case !sb.Recoverable:
		return reply{}, badRequest("Sandbox is not in a recoverable state")
	case sb.State != stateError:
		return reply{}, badRequest("Sandbox must be in error state to recover")
	}
	if err := c.checkNotSuspended(); err != nil {
		return reply{}, err
	}
	sb.State, sb.DesiredState = stateStopped, stateStopped
	sb.ErrorReason, sb.Recoverable = nil, false
	if first(c.query["skipStart"]) == "true" {
		c.changed(sb)
		return reply{status: success, body: c.srv.viewSandbox(sb)}, nil
	}
	c.start(sb)
	return reply{status: success, body: c.srv.viewSandbox(sb), wait: &wait{id: sb.ID, currentState: true}}, nil
}

// backupSandbox changes nothing that can be seen: backups are the server's own business.
func (c *call) backupSandbox() (reply, error) {
	return c.withSandbox(201, func(*sandbox) error { return nil })
}

func (c *call) touchSandbox() (reply, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	sb.LastActivityAt = c.now
	c.rearm(sb)
	return reply{status: 201}, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
