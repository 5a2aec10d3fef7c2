package client

import (
	"encoding/json"
	"strings"

	"fleet/internal/state"
)

// EventKind is what an event announces, in the server's words.
type EventKind string

// The kinds of events. Changes of labels, intervals and network settings have none.
const (
	SandboxCreated             EventKind = "sandbox.created"
	SandboxStateUpdated        EventKind = "sandbox.state.updated"
	SandboxDesiredStateUpdated EventKind = "sandbox.desired-state.updated"
	SnapshotCreated            EventKind = "snapshot.created"
	SnapshotStateUpdated       EventKind = "snapshot.state.updated"
	SnapshotRemoved            EventKind = "snapshot.removed"
	VolumeCreated              EventKind = "volume.created"
	VolumeStateUpdated         EventKind = "volume.state.updated"
)

// eventRow holds the places of the values in an event.
type eventRow struct {
	object   string // member that holds the object; "" if the payload is the object
	old, new string // members of the states; of the object if object is ""
}

var eventRows = map[EventKind]eventRow{
	SandboxCreated:             {new: "state"},
	SandboxStateUpdated:        {object: "sandbox", old: "oldState", new: "newState"},
	SandboxDesiredStateUpdated: {object: "sandbox", old: "oldDesiredState", new: "newDesiredState"},
	SnapshotCreated:            {new: "state"},
	SnapshotStateUpdated:       {object: "snapshot", old: "oldState", new: "newState"},
	SnapshotRemoved:            {},
	VolumeCreated:              {new: "state"},
	VolumeStateUpdated:         {object: "volume", old: "oldState", new: "newState"},
}

// An Event announces that an object may have changed. It is a reason to read the
// object, and no statement about it: events get lost, and arrive late, twice or in
// another order.
type Event struct {
	Kind     EventKind
	ID       string            // of the object; printable ASCII
	Labels   map[string]string // of a sandbox; nil if the event has none
	OldState State             // "" if the event has none
	NewState State             // of a desired state, the one that was asked for; "" if the event has none
}

// Deletion reports whether the event announces that the object is deleted, or is going
// to be.
func (e Event) Deletion() bool { return e.Kind == SnapshotRemoved || state.IsDeletion(e.NewState) }

// maxEventID is the longest id that is accepted, in bytes. The server's have 36.
const maxEventID = 128

// decodeEvent decodes an event. ok is false if its kind is not known, or if it does not
// name the object.
func decodeEvent(name string, payload json.RawMessage) (e Event, ok bool) {
	e.Kind = EventKind(name)
	row, known := eventRows[e.Kind]
	if !known {
		return Event{}, false
	}
	var id string
	if json.Unmarshal(payload, &id) == nil && e.Kind == SnapshotRemoved {
		e.ID = id // which newer servers send as the member of an object
		return e, isEventID(e.ID)
	}
	var body fields
	if body.UnmarshalJSON(payload) != nil {
		return Event{}, false
	}
	e.OldState, e.NewState = body.optionalState(row.old), body.optionalState(row.new)
	if row.object != "" && body.UnmarshalJSON(body.Get(row.object)) != nil {
		return Event{}, false
	}
	e.ID, e.Labels = body.text("id"), body.stringMap("labels")
	return e, isEventID(e.ID)
}

func (f fields) optionalState(name string) State {
	if name == "" {
		return ""
	}
	return f.state(name)
}

// isEventID reports whether a text can be the id of an object.
func isEventID(id string) bool {
	return id != "" && len(id) <= maxEventID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '/' })
}
