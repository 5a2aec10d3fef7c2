package emulator

import (
	"encoding/json"
	"slices"
)

// overlay returns a copy of a record with the given fields overwritten, and
// which fields were given.
func overlay[T any](old *T, raw []byte) (*T, map[string]json.RawMessage, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return nil, nil, err
	}
	fields, err := fieldsOf(old)
	if err != nil {
		return nil, nil, err
	}
	for k, v := range given {
		fields[k] = v
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, nil, err
	}
	fresh := new(T)
	return fresh, given, json.Unmarshal(text, fresh)
}

// fieldsOf takes a record apart by its JSON names.
func fieldsOf(record any) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	return fields, json.Unmarshal(text, &fields)
}

// patchSandbox overwrites stored fields. A given state stays until changed
// again, unless "due" says when the transition goes on; desiredState and the
// hidden mark "pending" follow the state unless they are given.
func (w *world) patchSandbox(idOrName string, raw []byte) (any, error) {
	old := w.sandboxes.byID[idOrName]
	if old == nil {
		old = w.sandboxes.byID[w.sandboxes.byName[idOrName]]
	}
	if old == nil {
		return nil, sandboxNotFound(idOrName)
	}
	sb, given, err := overlay(old, raw)
	if err != nil {
		return nil, err
	}
	sb.ID, sb.publishedState = old.ID, old.publishedState
	if given["state"] != nil && given["desiredState"] == nil {
		sb.DesiredState = desiredFor(sb.State, sb.DesiredState)
	}
	if given["state"] != nil || given["desiredState"] != nil {
		if given["pending"] == nil {
			sb.Pending = pendingIn(sb.State, sb.DesiredState)
		}
		if given["due"] == nil {
			sb.Due = nil
		}
	}
	w.sandboxes.remove(old)
	w.sandboxes.put(sb)
	w.rearm(sb)
	return sb, nil
}

// desiredFor is the desired state that usually goes with a state.
func desiredFor(state, current string) string {
	switch state {
	case stateStopped, stateStopping:
		return stateStopped
	case stateArchived, stateArchiving:
		return stateArchived
	case stateDestroying:
		return stateDestroyed
	case statePaused, "pausing":
		return statePaused
	case stateError, stateBuildFailed, stateResizing, "snapshotting":
		return current
	}
	return stateStarted
}

func pendingIn(state, desired string) bool {
	switch {
	case slices.Contains([]string{stateArchiving, stateError, stateBuildFailed}, state):
		return false
	case slices.Contains([]string{stateStarted, stateStopped, stateArchived, statePaused}, state):
		return state != desired
	}
	return true
}

func (w *world) patchSnapshot(idOrName string, raw []byte) (any, error) {
	found := w.snapshotsNamed(idOrName)
	if len(found) == 0 {
		return nil, notFound("Snapshot with name %s not found", idOrName)
	}
	s, given, err := overlay(found[0], raw)
	if err != nil {
		return nil, err
	}
	s.ID, s.publishedState = found[0].ID, found[0].publishedState
	if given["state"] != nil && given["due"] == nil {
		s.Due = nil
	}
	w.snapshots[s.ID] = s
	w.rearmSnapshot(s)
	return s, nil
}

func (w *world) patchVolume(idOrName string, raw []byte) (any, error) {
	old := w.volumes[idOrName]
	if old == nil {
		old = w.volumeByName(idOrName)
	}
	if old == nil {
		return nil, notFound("Volume with name %s not found", idOrName)
	}
	v, given, err := overlay(old, raw)
	if err != nil {
		return nil, err
	}
	v.ID, v.publishedState = old.ID, old.publishedState
	if given["state"] != nil && given["due"] == nil {
		v.Due = nil
	}
	w.volumes[v.ID] = v
	w.changedVolume(v)
	return v, nil
}
