package emulator

import (
	"encoding/json"
	"time"
)

// nameCacheTTL is how long a name that was deleted cannot be looked up although a
// new sandbox bears it: the server's lookup cache.
const nameCacheTTL = 10 * time.Second

// world is everything the emulator knows. It is not safe for concurrent use.
type world struct {
	delays Delays
	org    organization
	// overridden holds the fields of org, as they are stored, that the options override.
	overridden map[string]json.RawMessage
	sandboxes  *sandboxSet
	snapshots  map[string]*snapshot
	volumes    map[string]*volume
	secrets    map[string]*secret
	// dependents are the ids of the sandboxes linked to one.
	dependents map[string][]string
	// built holds the refs of Dockerfiles that need no second build.
	built map[string]bool
	// objects are the uploaded build contexts by key; shelf holds their bytes.
	objects map[string]*object
	store   *objectStore
	// deletedNames maps a name to when lookups by it work again.
	deletedNames map[string]instant
	timers       *timerQueue
	// now never goes back; what happens by itself happens at its own time, which
	// then is the now of that moment.
	now      instant
	dirty    []recordKey
	dirtySet map[recordKey]bool
	lag      *laggingIndex
	// onStateChange hears of every new state: from none of a new record, to none of one
	// that is gone.
	onStateChange func(record any, from, to string)
}

func newWorld(d Delays, store *objectStore, onStateChange func(record any, from, to string)) *world {
	w := &world{
		overridden: map[string]json.RawMessage{},
		delays:     d, sandboxes: newSandboxSet(), snapshots: map[string]*snapshot{}, volumes: map[string]*volume{},
		secrets: map[string]*secret{}, built: map[string]bool{}, deletedNames: map[string]instant{}, dependents: map[string][]string{},
		timers: newTimerQueue(), objects: map[string]*object{}, store: store, onStateChange: onStateChange, dirtySet: map[recordKey]bool{},
	}
	for _, s := range generalSnapshots() {
		w.snapshots[s.ID] = s
	}
	return w
}

// advance lets everything happen whose time has come.
func (w *world) advance(to instant) {
	for {
		a, ok := w.timers.pop(to)
		if !ok {
			break
		}
		w.now = later(w.now, a.at)
		w.fire(a.key)
	}
	w.now = later(w.now, to)
}

func (w *world) fire(key recordKey) {
	switch key.kind {
	case kindSandbox:
		if sb := w.sandboxes.byID[key.id]; sb != nil {
			w.stepSandbox(sb)
		}
	case kindSnapshot:
		if s := w.snapshots[key.id]; s != nil {
			w.stepSnapshot(s)
		}
	case kindVolume:
		if v := w.volumes[key.id]; v != nil {
			w.stepVolume(v)
		}
	default:
		// Nothing else changes by itself.
	}
}

// add takes in a new or loaded sandbox.
func (w *world) add(sb *sandbox) {
	w.sandboxes.put(sb)
	if sb.LinkedSandboxID != nil {
		w.dependents[*sb.LinkedSandboxID] = append(w.dependents[*sb.LinkedSandboxID], sb.ID)
	}
	w.rearm(sb)
}

// changed must follow every change of a sandbox.
func (w *world) changed(sb *sandbox) {
	sb.UpdatedAt = w.now
	w.rearm(sb)
}

// rearm sets the alarm of a sandbox and remembers it for the journal.
func (w *world) rearm(sb *sandbox) {
	w.timers.set(recordKey{kindSandbox, sb.ID}, nextEventAt(sb))
	w.markDirty(kindSandbox, sb.ID)
	w.lag.record(w.now, sb.ID, sb)
	if state := sb.effectiveState(); state != sb.publishedState {
		w.onStateChange(sb, sb.publishedState, state)
		sb.publishedState = state
	}
}

func (w *world) removeSandbox(sb *sandbox) {
	w.sandboxes.remove(sb)
	w.timers.set(recordKey{kindSandbox, sb.ID}, nil)
	w.markDirty(kindSandbox, sb.ID)
	w.lag.record(w.now, sb.ID, nil)
	deleted := *sb
	deleted.State = stateDestroyed
	w.onStateChange(&deleted, sb.publishedState, stateDestroyed)
}

func (w *world) markDirty(k kind, id string) {
	key := recordKey{k, id}
	if !w.dirtySet[key] {
		w.dirtySet[key] = true
		w.dirty = append(w.dirty, key)
	}
}

// takeDirty returns what changed since it was last called, oldest change first.
func (w *world) takeDirty() []recordKey {
	dirty := w.dirty
	w.dirty = nil
	clear(w.dirtySet)
	return dirty
}

// record returns what is stored under a key, or nil when it is gone.
func (w *world) record(key recordKey) any {
	switch key.kind {
	case kindSandbox:
		return orNil(w.sandboxes.byID[key.id])
	case kindSnapshot:
		return orNil(w.snapshots[key.id])
	case kindVolume:
		return orNil(w.volumes[key.id])
	case kindSecret:
		return orNil(w.secrets[key.id])
	case kindBuild:
		return w.built[key.id]
	case kindObject:
		return orNil(w.objects[key.id])
	case kindOrganization:
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
func (w *world) find(idOrName string) *sandbox {
	if sb := w.sandboxes.byID[idOrName]; sb != nil && !sb.hidden() {
		return sb
	}
	if until, ok := w.deletedNames[idOrName]; ok {
		if w.now.Before(until.Time) {
			return nil
		}
		delete(w.deletedNames, idOrName)
	}
	sb := w.sandboxes.byID[w.sandboxes.byName[idOrName]]
	if sb == nil || sb.hidden() {
		return nil
	}
	return sb
}

// hidden reports whether only a list that asks for it shows the sandbox.
func (sb *sandbox) hidden() bool {
	return sb.errored() && sb.DesiredState == stateDestroyed
}

func (sb *sandbox) errored() bool {
	return sb.State == stateError || sb.State == stateBuildFailed
}

// resume lets go on what waited for a runner.
func (w *world) resume() {
	for _, sb := range w.sandboxes.order {
		if sb.State == statePendingBuild && sb.Due == nil {
			sb.Due = ptr(w.now.plus(pickupDelay(w.delays.Build)))
			w.rearm(sb)
		}
	}
	for _, s := range w.snapshots {
		if s.State == snapshotPending && s.Due == nil {
			w.schedule(s)
			w.rearmSnapshot(s)
		}
	}
}
