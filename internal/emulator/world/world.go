package world

import (
	"encoding/json"
	"time"
)

// nameCacheTTL is how long a name that was deleted cannot be looked up although a
// new sandbox bears it: the server's lookup cache.
const NameCacheTTL = 10 * time.Second

// world is everything the emulator knows. It is not safe for concurrent use.
type World struct {
	Delays Delays
	Org    Organization
	// overridden holds the fields of org, as they are stored, that the options override.
	Overridden map[string]json.RawMessage
	Sandboxes  *sandboxSet
	Snapshots  map[string]*Snapshot
	Volumes    map[string]*Volume
	Secrets    map[string]*Secret
	// dependents are the ids of the sandboxes linked to one.
	dependents map[string][]string
	// built holds the refs of Dockerfiles that need no second build.
	built map[string]bool
	// objects are the uploaded build contexts by key; shelf holds their bytes.
	Objects map[string]*Object
	Store   *objectStore
	// deletedNames maps a name to when lookups by it work again.
	deletedNames map[string]Instant
	Timers       *timerQueue
	// now never goes back; what happens by itself happens at its own time, which
	// then is the now of that moment.
	Now      Instant
	dirty    []RecordKey
	dirtySet map[RecordKey]bool
	Lag      *laggingIndex
	// onStateChange hears of every new state: from none of a new record, to none of one
	// that is gone.
	onStateChange func(record any, from, to string)
}

func NewWorld(d Delays, store *objectStore, onStateChange func(record any, from, to string)) *World {
	w := &World{
		Overridden: map[string]json.RawMessage{},
		Delays:     d, Sandboxes: newSandboxSet(), Snapshots: map[string]*Snapshot{}, Volumes: map[string]*Volume{},
		Secrets: map[string]*Secret{}, built: map[string]bool{}, deletedNames: map[string]Instant{}, dependents: map[string][]string{},
		Timers: newTimerQueue(), Objects: map[string]*Object{}, Store: store, onStateChange: onStateChange, dirtySet: map[RecordKey]bool{},
	}
	for _, s := range generalSnapshots() {
		w.Snapshots[s.ID] = s
	}
	return w
}

// advance lets everything happen whose time has come.
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
		// Nothing else changes by itself.
	}
}

// add takes in a new or loaded sandbox.
func (w *World) Add(sb *Sandbox) {
	w.Sandboxes.put(sb)
	if sb.LinkedSandboxID != nil {
		w.dependents[*sb.LinkedSandboxID] = append(w.dependents[*sb.LinkedSandboxID], sb.ID)
	}
	w.Rearm(sb)
}

// changed must follow every change of a sandbox.
func (w *World) Changed(sb *Sandbox) {
	sb.UpdatedAt = w.Now
	w.Rearm(sb)
}

// rearm sets the alarm of a sandbox and remembers it for the journal.
func (w *World) Rearm(sb *Sandbox) {
	w.Timers.set(RecordKey{KindSandbox, sb.ID}, nextEventAt(sb))
	w.MarkDirty(KindSandbox, sb.ID)
	w.Lag.record(w.Now, sb.ID, sb)
	if state := sb.EffectiveState(); state != sb.publishedState {
		w.onStateChange(sb, sb.publishedState, state)
		sb.publishedState = state
	}
}

func (w *World) removeSandbox(sb *Sandbox) {
	w.Sandboxes.remove(sb)
	w.Timers.set(RecordKey{KindSandbox, sb.ID}, nil)
	w.MarkDirty(KindSandbox, sb.ID)
	w.Lag.record(w.Now, sb.ID, nil)
	deleted := *sb
	deleted.State = StateDestroyed
	w.onStateChange(&deleted, sb.publishedState, StateDestroyed)
}

func (w *World) MarkDirty(k Kind, id string) {
	key := RecordKey{k, id}
	if !w.dirtySet[key] {
		w.dirtySet[key] = true
		w.dirty = append(w.dirty, key)
	}
}

// takeDirty returns what changed since it was last called, oldest change first.
func (w *World) TakeDirty() []RecordKey {
	dirty := w.dirty
	w.dirty = nil
	clear(w.dirtySet)
	return dirty
}

// record returns what is stored under a key, or nil when it is gone.
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

// find returns the visible sandbox of that id or, failing that, of that name.
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

// hidden reports whether only a list that asks for it shows the sandbox.
func (sb *Sandbox) Hidden() bool {
	return sb.Errored() && sb.DesiredState == StateDestroyed
}

func (sb *Sandbox) Errored() bool {
	return sb.State == StateError || sb.State == StateBuildFailed
}

// resume lets go on what waited for a runner.
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
