package world

import (
	"encoding/json"
	"slices"
)

// Overlay returns a copy of a record in which the JSON fields of raw overwrite the old
// ones, and the given fields.
func Overlay[T any](old *T, raw []byte) (*T, map[string]json.RawMessage, error) {
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

// fieldsOf returns the JSON fields of a record.
func fieldsOf(record any) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	return fields, json.Unmarshal(text, &fields)
}

// PatchSandbox overwrites stored fields of a sandbox. A given state remains until it
// is changed again, unless "due" sets the end of the transition. "desiredState" and
// "pending" follow from the state unless they are given.
func (w *World) PatchSandbox(idOrName string, raw []byte) (any, error) {
	old := w.Sandboxes.ByID[idOrName]
	if old == nil {
		old = w.Sandboxes.ByID[w.Sandboxes.ByName[idOrName]]
	}
	if old == nil {
		return nil, SandboxNotFound(idOrName)
	}
	sb, given, err := Overlay(old, raw)
	if err != nil {
		return nil, err
	}
	sb.ID, sb.publishedState, sb.publishedDesired = old.ID, old.publishedState, old.publishedDesired
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
	w.Sandboxes.remove(old)
	w.Sandboxes.put(sb)
	w.Rearm(sb)
	return sb, nil
}

// desiredFor returns the desired state that usually accompanies a state.
func desiredFor(state, current string) string {
	switch state {
	case StateStopped, StateStopping:
		return StateStopped
	case StateArchived, StateArchiving:
		return StateArchived
	case StateDestroying:
		return StateDestroyed
	case StatePaused, "pausing":
		return StatePaused
	case StateError, StateBuildFailed, StateResizing, "snapshotting":
		return current
	}
	return StateStarted
}

// pendingIn reports whether a sandbox with these states is in transition.
func pendingIn(state, desired string) bool {
	switch {
	case slices.Contains([]string{StateArchiving, StateError, StateBuildFailed}, state):
		return false
	case slices.Contains([]string{StateStarted, StateStopped, StateArchived, StatePaused}, state):
		return state != desired
	}
	return true
}

// PatchSnapshot overwrites stored fields of a snapshot, like PatchSandbox.
func (w *World) PatchSnapshot(idOrName string, raw []byte) (any, error) {
	found := w.SnapshotsNamed(idOrName)
	if len(found) == 0 {
		return nil, NotFound("Snapshot with name %s not found", idOrName)
	}
	s, given, err := Overlay(found[0], raw)
	if err != nil {
		return nil, err
	}
	s.ID, s.publishedState = found[0].ID, found[0].publishedState
	if given["state"] != nil && given["due"] == nil {
		s.Due = nil
	}
	w.Snapshots[s.ID] = s
	w.RearmSnapshot(s)
	return s, nil
}

// PatchVolume overwrites stored fields of a volume, like PatchSandbox.
func (w *World) PatchVolume(idOrName string, raw []byte) (any, error) {
	old := w.Volumes[idOrName]
	if old == nil {
		old = w.VolumeByName(idOrName)
	}
	if old == nil {
		return nil, NotFound("Volume with name %s not found", idOrName)
	}
	v, given, err := Overlay(old, raw)
	if err != nil {
		return nil, err
	}
	v.ID, v.publishedState = old.ID, old.publishedState
	if given["state"] != nil && given["due"] == nil {
		v.Due = nil
	}
	w.Volumes[v.ID] = v
	w.ChangedVolume(v)
	return v, nil
}
