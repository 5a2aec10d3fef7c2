package push

import (
	"maps"
	"slices"

	"fleet/client"
	"fleet/internal/state"
)

// maxMarks is the number of marked objects from which on everything is listed instead.
const maxMarks = 10_000

// gone stands for all states of deleted objects, and for those that do not exist.
const gone = "gone"

// A mark is an object that events announced.
type mark struct {
	kind  client.EventKind // of the last event; "" if a pass put the object back
	owned bool             // whether an event had the label of the fleet
	last  string           // state in the last event; "" if it had none
	rest  string           // the state in which the object rests after its events; "" if none was one
	mixed bool             // whether there were several such states
	put   bool             // whether a pass did not read the object in spite of the mark
}

// add adds an event.
func (m *mark) add(e client.Event, owned bool) {
	m.kind, m.owned, m.last = e.Kind, m.owned || owned, string(e.NewState)
	if e.Deletion() {
		m.last = gone
	}
	if !rests(m.last) {
		return
	}
	m.mixed = m.mixed || m.rest != "" && m.rest != m.last
	m.rest = m.last
}

// rests reports whether an object stays in a state until it is asked for another one.
func rests(s string) bool {
	switch s {
	case gone, state.Started, state.Stopped, state.Paused, state.Archived, state.Active, state.Inactive, state.Ready:
		return true
	default:
		return state.Failed(s)
	}
}

// reports reports whether the events led to a state, and to no other one on the way in
// which the object rests. They may then be those of the change that led to it.
func (m *mark) reports(s string) bool {
	return !m.put && !m.mixed && m.last == s && (m.rest == "" || m.rest == s)
}

// marks are the objects that events announced since a pass took them over.
type marks struct {
	known map[string]string // states of the objects of the fleet by id; nil if not known yet
	byID  map[string]*mark
	all   bool // whether everything has to be listed
}

// relevant reports whether an object concerns the fleet.
func (ms *marks) relevant(id string, owned bool) bool {
	_, known := ms.known[id]
	return known || owned
}

// stateOf returns the state of an object in the words of marks.
func (ms *marks) stateOf(id string) string {
	s, known := ms.known[id]
	if !known || state.IsDeletion(s) {
		return gone
	}
	return s
}

// add marks the object of an event.
func (ms *marks) add(e client.Event, owned bool) {
	ms.mark(e.ID).add(e, owned)
}

// mark returns the mark of an object, which it adds if there is none.
func (ms *marks) mark(id string) *mark {
	m := ms.byID[id]
	if m != nil {
		return m
	}
	if ms.byID == nil {
		ms.byID = map[string]*mark{}
	}
	m = &mark{}
	ms.byID[id] = m
	return m
}

// overflow replaces too many marks by one for everything. It reports whether there were
// too many.
func (ms *marks) overflow() bool {
	if len(ms.byID) <= maxMarks {
		return false
	}
	ms.byID, ms.all = nil, true
	return true
}

// drop removes the marks of objects that do not concern the fleet, and of those whose
// known state is the one that the events led to.
func (ms *marks) drop() {
	maps.DeleteFunc(ms.byID, func(id string, m *mark) bool {
		return !m.put && !ms.relevant(id, m.owned) || m.reports(ms.stateOf(id))
	})
}

// take removes and returns the ids of all marked objects, sorted, and whether everything
// has to be listed.
func (ms *marks) take() (ids []string, all bool) {
	ids, all = slices.Sorted(maps.Keys(ms.byID)), ms.all
	ms.byID, ms.all = nil, false
	return ids, all
}

// putBack marks objects again.
func (ms *marks) putBack(ids []string, all bool) {
	for _, id := range ids {
		ms.mark(id).put = true
	}
	ms.all = ms.all || all
}
