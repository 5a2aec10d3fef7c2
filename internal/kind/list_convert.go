package kind

import (
	"fleet/client"
	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

// A listConverter converts the sandboxes of lists. It must be used by one goroutine at a
// time.
type listConverter struct {
	attrs *spec.AttrsReader // nil until the first sandbox
}

// A listedSandbox is a sandbox of a list.
type listedSandbox struct {
	object  *plan.Object // nil if it no longer exists
	deleted bool         // its deletion was accepted
}

// fromList converts a sandbox of a list by cursor.
func (c *listConverter) fromList(s client.Sandbox) (listedSandbox, error) {
	if s.Deleted() && s.State == client.StateDestroyed {
		return listedSandbox{deleted: true}, nil
	}
	if c.attrs == nil {
		c.attrs = spec.NewAttrsReader(spec.Tables[spec.SandboxKind])
	}
	object, err := fromSandbox(s, c.attrs)
	if err != nil {
		return listedSandbox{}, err
	}
	if s.Deleted() {
		name, start := s.DeletedName()
		object.Name, object.State = name, state.Destroying
		if !start.IsZero() {
			object.LastActive = start
		}
	}
	return listedSandbox{object, s.Deleted()}, nil
}

// fromPage converts a sandbox of a numbered list, which shows more attributes than a
// list by cursor.
func (c *listConverter) fromPage(s client.Sandbox) (listedSandbox, error) {
	l, err := c.fromList(s)
	if l.object != nil {
		l.object.FromPage = true
	}
	return l, err
}
