package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"fleet/apply"
	"fleet/internal/watch"
	"fleet/internal/watch/policy"
	"fleet/plan"
	"fleet/spec"
)

// maxCreations is the number of creations of snapshots that are kept, the latest ones.
const maxCreations = 64

// A Memory is what the operator has to remember of a fleet when it is restarted: failures
// and flapping, and the snapshots that it created. It holds no values of the spec. Its
// methods may be called by several goroutines at once.
type Memory struct {
	// Store stores a text for the object. It may be nil.
	Store func(ctx context.Context, text string) error

	mu        sync.Mutex
	state     *policy.State
	creations []plan.Creation
	held      watch.HeldRollouts
	stored    string
}

// memoryJSON is the format of a Memory.
type memoryJSON struct {
	State     *policy.State       `json:"state"`
	Creations []plan.Creation     `json:"creations,omitempty"`
	Held      *watch.HeldRollouts `json:"held,omitempty"`
}

// lasting is a Memory without the times that change with each pass.
type lasting struct {
	State struct {
		Version  int             `json:"version"`
		Failures json.RawMessage `json:"failures,omitempty"`
		Flaps    json.RawMessage `json:"flaps,omitempty"`
	} `json:"state"`
	Creations []plan.Creation     `json:"creations,omitempty"`
	Held      *watch.HeldRollouts `json:"held,omitempty"`
}

// text returns the memory as it is stored; "" if there is nothing to remember.
func (m *Memory) text() (string, error) {
	text, err := json.Marshal(memoryJSON{m.state, m.creations, &m.held})
	if err != nil {
		return "", err
	}
	var kept lasting
	if err := json.Unmarshal(text, &kept); err != nil {
		return "", err
	}
	if m.held.Empty() {
		kept.Held = nil
	}
	if kept.State.Failures == nil && kept.State.Flaps == nil && len(kept.Creations) == 0 && kept.Held == nil {
		return "", nil
	}
	text, err = json.Marshal(kept)
	return string(text), err
}

// Restore sets the memory to a text that Store was called with; "" is an empty memory.
func (m *Memory) Restore(text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := memoryJSON{State: &policy.State{}}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return fmt.Errorf("what was remembered of the fleet cannot be read: %w", err)
		}
	}
	if in.State == nil {
		in.State = &policy.State{}
	}
	if in.Held == nil {
		in.Held = &watch.HeldRollouts{}
	}
	m.state, m.creations, m.held, m.stored = in.State, in.Creations, *in.Held, text
	return nil
}

// save stores the memory if it changed.
func (m *Memory) save(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, err := m.text()
	if err != nil || text == m.stored || m.Store == nil {
		return err
	}
	if err := m.Store(ctx, text); err != nil {
		return err
	}
	m.stored = text
	return nil
}

// list returns the creations of snapshots.
func (m *Memory) list() []plan.Creation {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.creations)
}

// record records that the snapshot of a step is about to be created, or, with its id,
// that it was.
func (m *Memory) record(s *plan.Step, id string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := plan.Creation{Name: s.Name, ID: id, Recipe: s.Want.SourceDigest(), At: now.Round(0)}
	m.creations = plan.AddCreation(m.creations, c)
	m.creations = m.creations[max(0, len(m.creations)-maxCreations):]
}

// recordReport records how a run ended.
func (m *Memory) recordReport(f *spec.Fleet, r *apply.Report, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.Record(f, r, now)
	m.held.Record(f, r)
	for _, x := range r.Results {
		if x.Step.Address.Kind == spec.SnapshotKind && x.Step.Action == plan.Delete && x.Outcome == apply.Done {
			m.creations = slices.DeleteFunc(m.creations, func(c plan.Creation) bool { return c.ID == x.Step.ID })
		}
	}
}

// block blocks the rollouts that failed before.
func (m *Memory) block(f *spec.Fleet, p *plan.Plan) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held.Block(f, p)
}

// hold decides which steps of a plan must wait.
func (m *Memory) hold(o *policy.Policy, p *plan.Plan, f *spec.Fleet, approved bool, now time.Time) policy.Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	return o.Hold(p, policy.Pass{Fleet: f, State: m.state, Now: now, Approved: approved})
}
