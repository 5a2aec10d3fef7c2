package client

import (
	"regexp"
	"strconv"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/jsonobject"
)

// Sandbox is a sandbox as a response of the API describes it. A list has fewer fields
// than a single sandbox; Fields holds those that were sent.
type Sandbox struct {
	ID             string            // assigned by the server
	OrganizationID string            // of the owner
	Name           string            // the id, if the sandbox was created without a name
	State          State             // as stored; see Effective
	DesiredState   State             // the state that the server works towards, which may not be the last one requested
	ErrorReason    foreign.Text      // if Failed
	Recoverable    bool              // if Failed: whether RecoverSandbox may help
	Class          string            // container, linux-vm, ...; "" if the server does not report it
	CreatedAt      time.Time         // by the server's clock
	LastActivityAt time.Time         // of the last use or change of state; zero if the server does not report it
	Labels         map[string]string // nil if null or absent; a value that is not a string is its JSON text

	// Fields holds everything that the API sent, under the API's names.
	Fields jsonobject.Object
}

// UnmarshalJSON decodes a sandbox in a response. It fails only if data is not a JSON
// object.
func (s *Sandbox) UnmarshalJSON(data []byte) error {
	var o jsonobject.Object
	if err := o.UnmarshalJSON(data); err != nil {
		return err
	}
	s.readFields(o)
	return nil
}

// readFields sets all fields from the members of a response.
func (s *Sandbox) readFields(o jsonobject.Object) {
	f := fields{o}
	*s = Sandbox{
		ID:             f.text("id"),
		OrganizationID: f.repeated("organizationId"),
		Name:           f.text("name"),
		State:          f.state("state"),
		DesiredState:   f.state("desiredState"),
		ErrorReason:    foreign.Text(f.text("errorReason")),
		Recoverable:    f.boolean("recoverable"),
		Class:          f.enum("sandboxClass"),
		CreatedAt:      f.time("createdAt"),
		LastActivityAt: f.time("lastActivityAt"),
		Labels:         f.stringMap("labels"),
		Fields:         o,
	}
}

// Effective returns the state that the server reports for a single sandbox: it depends
// on the desired state too. A list reports the stored state.
func (s Sandbox) Effective() State {
	if state, ok := effectiveStates[statePair{s.State, s.DesiredState}]; ok {
		return state
	}
	return s.State
}

// Settled reports whether the sandbox has its desired state, and keeps it until a
// request or one of its timers changes it.
func (s Sandbox) Settled() bool {
	switch state := s.Effective(); state {
	case StateStarted, StateStopped, StatePaused, StateArchived:
		return s.DesiredState == state
	default:
		return false
	}
}

// Failed reports whether the state is error or build_failed. A sandbox that failed and
// was then deleted is also Deleted: check that first.
func (s Sandbox) Failed() bool { return s.State.failed() }

// destroyedName matches the name that the server gives to a sandbox when it accepts its
// deletion, to free the old name.
var destroyedName = regexp.MustCompile(`(?s)^DESTROYED_(.*)_([0-9]+)$`)

// Deleted reports whether the server has accepted the deletion of the sandbox. Its name
// is free, and the sandbox will not return, even if lists still show it.
func (s Sandbox) Deleted() bool {
	return s.DesiredState == StateDestroyed || s.State == StateDestroyed || destroyedName.MatchString(s.Name)
}

// DeletedName returns the name that a sandbox had before its deletion was accepted, and
// the time of the deletion; the zero time if the current name does not hold it.
func (s Sandbox) DeletedName() (name string, deletedAt time.Time) {
	m := destroyedName.FindStringSubmatch(s.Name)
	if m == nil {
		return s.Name, time.Time{}
	}
	ms, err := strconv.ParseInt(m[2], 10, 64)
	if err != nil {
		return m[1], time.Time{}
	}
	return m[1], time.UnixMilli(ms)
}
