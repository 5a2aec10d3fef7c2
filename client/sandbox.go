package client

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"fleet/internal/foreign"
)

// Sandbox is a sandbox as the API told of it, from a list or by itself. A list
// tells less; Fields says what was told.
type Sandbox struct {
	ID             string
	OrganizationID string
	Name           string       // the id, when none was given at creation
	State          State        // as sent; see Effective
	DesiredState   State        // what the server is bringing about, not what a user asked for last
	ErrorReason    foreign.Text // meaningful when Failed
	Recoverable    bool         // meaningful when Failed
	Class          string       // container, linux-vm, ...; "" when not told
	CreatedAt      time.Time
	LastActivityAt time.Time         // of use, and of every change of state; zero when not told
	Labels         map[string]string // nil when null or absent; values that are no strings as JSON text

	// Fields is everything the API sent, under its own names.
	Fields map[string]json.RawMessage
}

// UnmarshalJSON reads any answer that holds a sandbox. It fails on what is not
// a JSON object and on nothing else.
func (s *Sandbox) UnmarshalJSON(data []byte) error {
	var f fields
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	*s = Sandbox{
		ID:             f.text("id"),
		OrganizationID: f.text("organizationId"),
		Name:           f.text("name"),
		State:          f.state("state"),
		DesiredState:   f.state("desiredState"),
		ErrorReason:    foreign.Text(f.text("errorReason")),
		Recoverable:    f.boolean("recoverable"),
		Class:          f.enum("sandboxClass"),
		CreatedAt:      f.time("createdAt"),
		LastActivityAt: f.time("lastActivityAt"),
		Labels:         f.stringMap("labels"),
		Fields:         f,
	}
	return nil
}

// Effective is the state with the desired one taken into account, so that an
// item of a list and the same sandbox read by itself agree.
func (s Sandbox) Effective() State {
	if state, ok := effectiveStates[statePair{s.State, s.DesiredState}]; ok {
		return state
	}
	return s.State
}

// Settled is true when the sandbox is where the server wants it and stays
// there until somebody, or one of its timers, moves it.
func (s Sandbox) Settled() bool {
	switch state := s.Effective(); state {
	case StateStarted, StateStopped, StatePaused, StateArchived:
		return s.DesiredState == state
	default:
		return false
	}
}

// Failed is true in the states error and build_failed. A sandbox that failed
// and was then deleted is Gone as well: ask that first.
func (s Sandbox) Failed() bool { return s.State.failed() }

// destroyedName is what the server renames a sandbox to in the moment its
// deletion is accepted.
var destroyedName = regexp.MustCompile(`(?s)^DESTROYED_(.*)_([0-9]+)$`)

// Deleted is true once a deletion was accepted: the name is free and the sandbox
// will not come back, even where it is still listed.
func (s Sandbox) Deleted() bool {
	return s.DesiredState == StateDestroyed || s.State == StateDestroyed || destroyedName.MatchString(s.Name)
}

// DeletedName returns the name that a sandbox had before its deletion was accepted,
// and when that was; the zero time if its name does not say.
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
