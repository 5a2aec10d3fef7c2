package world

import (
	"encoding/json"
	"time"

	"fleet/internal/emulator/blob"
	"fleet/internal/emulator/build"
)

// NameCacheTTL is how long a deleted name cannot be found, even if a new sandbox has
// it. This is the lookup cache of the real server.
const NameCacheTTL = 10 * time.Second

// World is the state of the emulator. It is not safe for concurrent use.
type World struct {
	Delays Delays
	// APIVersion is the version of the server, such as Version205.
	APIVersion string
	Org        Organization
	// Overridden holds the stored values of the fields of Org that the options
	// override.
	Overridden map[string]json.RawMessage
	Sandboxes  *SandboxSet
	Snapshots  map[string]*Snapshot
	Volumes    map[string]*Volume
	Secrets    map[string]*Secret
	Registries map[string]*Registry
	// dependents maps the id of a sandbox to those of the sandboxes linked to it.
	dependents map[string][]string
	// built is the set of image references that need no second build.
	built map[string]bool
	// inserted is when build content was stored first, by reference.
	inserted map[string]Instant
	// courses are the courses of builds by content and uploads.
	courses map[string]build.Course
	// Objects are the uploaded build contexts by key; Store has their contents, in blobs.
	Objects map[string]*Object
	Store   *blob.Store
	// obsolete are the blobs of files that were removed.
	obsolete []string
	// deletedNames maps a deleted name to the time when lookups by it work again.
	deletedNames map[string]Instant
	Timers       *TimerQueue
	// Now is the current time. It never moves backwards. A timer's step runs with Now
	// set to the time of the timer.
	Now      Instant
	version  uint64 // counts the changes of records
	dirty    []RecordKey
	dirtySet map[RecordKey]bool
	Lag      *LaggingIndex
	// onStateChange is called for every change of a state. from is empty for a new
	// record, to for a removed one. The record of a desired state is a DesiredState.
	onStateChange func(record any, from, to string)
}

// NewWorld returns a world with nothing but the general snapshots.
func NewWorld(d Delays, store *blob.Store, onStateChange func(record any, from, to string)) *World {
	w := &World{
		Overridden: map[string]json.RawMessage{},
		Delays:     d, Sandboxes: newSandboxSet(), Snapshots: map[string]*Snapshot{}, Volumes: map[string]*Volume{},
		Secrets: map[string]*Secret{}, Registries: map[string]*Registry{}, built: map[string]bool{}, courses: map[string]build.Course{},
		inserted: map[string]Instant{}, deletedNames: map[string]Instant{}, dependents: map[string][]string{},
		Timers: newTimerQueue(), Objects: map[string]*Object{}, Store: store, onStateChange: onStateChange, dirtySet: map[RecordKey]bool{},
	}
	for _, s := range generalSnapshots() {
		w.Snapshots[s.ID] = s
	}
	return w
}

// Advance executes all steps that are due at to, in the order of their times.
func (w *World) Advance(to Instant) {
	for {
		a, ok := w.Timers.pop(to)
		if !ok {
			break
		}
		w.Now = later(w.Now, a.at)
		w.fire(a.key)
	}
	w.Now = later(w.Now, to)
}

// fire executes the step of a record whose timer is due.
func (w *World) fire(key RecordKey) {
	switch key.Kind {
	case KindSandbox:
		if sb := w.Sandboxes.ByID[key.ID]; sb != nil {
			w.stepSandbox(sb)
		}
	case KindSnapshot:
		if s := w.Snapshots[key.ID]; s != nil {
			w.stepSnapshot(s)
		}
	case kindVolume:
		if v := w.Volumes[key.ID]; v != nil {
			w.stepVolume(v)
		}
	default:
		// Other records have no timers.
	}
}

// Add adds a new or restored sandbox.
func (w *World) Add(sb *Sandbox) {
	w.Sandboxes.put(sb)
	if sb.LinkedSandboxID != nil {
		w.dependents[*sb.LinkedSandboxID] = append(w.dependents[*sb.LinkedSandboxID], sb.ID)
	}
	w.Rearm(sb)
}

// Changed updates the modification time, the timer and the journal. It must follow
// every change of a sandbox.
func (w *World) Changed(sb *Sandbox) {
	sb.UpdatedAt = w.Now
	w.Rearm(sb)
}

// A DesiredState is the record of a sandbox whose desired state changed.
type DesiredState struct{ *Sandbox }

// Rearm sets the timer of a sandbox, marks it for the journal and publishes a new
// state and desired state.
func (w *World) Rearm(sb *Sandbox) {
	w.Timers.set(RecordKey{KindSandbox, sb.ID}, nextEventAt(sb))
	w.MarkDirty(KindSandbox, sb.ID)
	sb.rendered = rendered{}
	w.Lag.record(w.Now, sb.ID, sb)
	if old := sb.publishedDesired; sb.DesiredState != old {
		sb.publishedDesired = sb.DesiredState
		if old != "" {
			w.onStateChange(DesiredState{sb}, old, sb.DesiredState)
		}
	}
	if state := sb.EffectiveState(); state != sb.publishedState {
		w.onStateChange(sb, sb.publishedState, state)
		sb.publishedState = state
	}
}

func (w *World) removeSandbox(sb *Sandbox) {
	w.Sandboxes.remove(sb)
	w.Timers.set(RecordKey{KindSandbox, sb.ID}, nil)
	w.MarkDirty(KindSandbox, sb.ID)
	for _, f := range sb.Files {
		w.obsolete = append(w.obsolete, f.Blob)
	}
	w.Lag.record(w.Now, sb.ID, nil)
	deleted := *sb
	deleted.State = StateDestroyed
	w.onStateChange(&deleted, sb.publishedState, StateDestroyed)
}

// MarkDirty marks a record as changed, for the next write of the journal.
func (w *World) MarkDirty(k Kind, id string) {
	key := RecordKey{k, id}
	w.version++
	if !w.dirtySet[key] {
		w.dirtySet[key] = true
		w.dirty = append(w.dirty, key)
	}
}

// Version returns a number that grows with every change of a record.
func (w *World) Version() uint64 { return w.version }

// TakeDirty returns the records that have changed since the last call, the oldest
// change first.
func (w *World) TakeDirty() []RecordKey {
	dirty := w.dirty
	w.dirty = nil
	clear(w.dirtySet)
	return dirty
}

// record returns the record with a key, or nil if it was removed.
func (w *World) record(key RecordKey) any {
	switch key.Kind {
	case KindSandbox:
		return orNil(w.Sandboxes.ByID[key.ID])
	case KindSnapshot:
		return orNil(w.Snapshots[key.ID])
	case kindVolume:
		return orNil(w.Volumes[key.ID])
	case KindSecret:
		return orNil(w.Secrets[key.ID])
	case KindRegistry:
		return orNil(w.Registries[key.ID])
	case kindBuild:
		return w.built[key.ID]
	case kindObject:
		return orNil(w.Objects[key.ID])
	case KindOrganization:
		return w.storedOrganization()
	}
	return nil
}

func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return p
}

// Find returns the visible sandbox with that id or, if there is none, with that name;
// otherwise nil.
func (w *World) Find(idOrName string) *Sandbox {
	if sb := w.Sandboxes.ByID[idOrName]; sb != nil && !sb.Hidden() {
		return sb
	}
	if until, ok := w.deletedNames[idOrName]; ok {
		if w.Now.Before(until.Time) {
			return nil
		}
		delete(w.deletedNames, idOrName)
	}
	sb := w.Sandboxes.ByID[w.Sandboxes.ByName[idOrName]]
	if sb == nil || sb.Hidden() {
		return nil
	}
	return sb
}

// Hidden reports whether lists omit the sandbox by default.
func (sb *Sandbox) Hidden() bool {
	return sb.Errored() && sb.DesiredState == StateDestroyed
}

// Errored reports whether the sandbox is in an error state.
func (sb *Sandbox) Errored() bool {
	return sb.State == StateError || sb.State == StateBuildFailed
}

// Resume continues the builds and pulls that waited for a runner.
func (w *World) Resume() {
	for _, sb := range w.Sandboxes.Order {
		if sb.State == StatePendingBuild && sb.Due == nil {
			sb.Due = new(w.Now.Plus(PickupDelay(w.Delays.Build)))
			w.Rearm(sb)
		}
	}
	for _, s := range w.Snapshots {
		if s.State == SnapshotPending && s.Due == nil {
			w.Schedule(s)
			w.RearmSnapshot(s)
		}
	}
}
