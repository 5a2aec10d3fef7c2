package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"fleet/apply"
	"fleet/internal/watch/policy"
	"fleet/plan"
	"fleet/spec"
)

// remembering returns an empty memory, and what it stores.
func remembering(t *testing.T) (*Memory, *[]string) {
	t.Helper()
	var stored []string
	m := &Memory{Store: func(_ context.Context, text string) error {
		stored = append(stored, text)
		return nil
	}}
	if err := m.Restore(""); err != nil {
		t.Fatal(err)
	}
	return m, &stored
}

// snapshotStep is the creation of a snapshot.
func snapshotStep(t *testing.T, image string) *plan.Step {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: web\nsnapshots: {base: {image: " + image + "}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Step{Name: "base", Want: f.Resources[0]}
}

// TestMemory: what was stored is restored, and nothing is written while nothing changes.
func TestMemory(t *testing.T) {
	m, stored := remembering(t)
	for range 3 {
		m.hold(&policy.Policy{}, &plan.Plan{}, nil, false, time.Now())
		if err := m.save(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(*stored) != 0 {
		t.Fatalf("stored %v", *stored)
	}
	m.record(snapshotStep(t, "python:3.12"), "", time.Now())
	m.record(snapshotStep(t, "python:3.12"), "id", time.Now())
	for range 2 {
		if err := m.save(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(*stored) != 1 {
		t.Fatalf("stored %v", *stored)
	}
	again, _ := remembering(t)
	if err := again.Restore((*stored)[0]); err != nil {
		t.Fatal(err)
	}
	if list := again.list(); len(list) != 1 || list[0].ID != "id" {
		t.Errorf("creations %v", list)
	}
	if err := again.Restore("{"); err == nil {
		t.Error("damaged text was restored")
	}
}

// TestMemoryOfCreations: a request without an answer is replaced by the next one, whose
// snapshot either of them may have created; other snapshots are kept, up to a limit.
func TestMemoryOfCreations(t *testing.T) {
	m, _ := remembering(t)
	first := time.Now().Add(-time.Hour)
	m.record(snapshotStep(t, "python:3.12"), "", first)
	m.record(snapshotStep(t, "python:3.12"), "", time.Now())
	if list := m.list(); len(list) != 1 || !list[0].At.Equal(first.Round(0)) {
		t.Errorf("creations %v", list)
	}
	m.record(snapshotStep(t, "python:3.13"), "", time.Now())
	if list := m.list(); len(list) != 1 || list[0].At.Equal(first.Round(0)) {
		t.Errorf("another recipe: creations %v", list)
	}
	for range 2 * maxCreations {
		m.record(snapshotStep(t, "python:3.12"), "id", time.Now())
	}
	if list := m.list(); len(list) != maxCreations {
		t.Errorf("%d creations", len(list))
	}
}

// TestMemoryNotStored: a memory that cannot be stored is stored later.
func TestMemoryNotStored(t *testing.T) {
	fails := true
	m := &Memory{Store: func(context.Context, string) error {
		if fails {
			return errors.New("no")
		}
		return nil
	}}
	if err := m.Restore(""); err != nil {
		t.Fatal(err)
	}
	m.record(snapshotStep(t, "python:3.12"), "id", time.Now())
	if err := m.save(t.Context()); err == nil {
		t.Error("no error")
	}
	fails = false
	if err := m.save(t.Context()); err != nil || m.stored == "" {
		t.Errorf("%v, stored %q", err, m.stored)
	}
}

// TestMemoryOfRollouts: a rollout that failed is still held after a restart.
func TestMemoryOfRollouts(t *testing.T) {
	m, stored := remembering(t)
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: web\nsandboxes: {web: {count: 2}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	step := &plan.Step{Address: f.Resources[0].Address, Action: plan.Replace, Wave: 1, Rollout: &plan.Rollout{Group: f.Resources[0].GroupAddress()}}
	m.recordReport(f, &apply.Report{Results: []apply.Result{{Step: step, Outcome: apply.RolledBack}}}, time.Now())
	if err := m.save(t.Context()); err != nil || len(*stored) != 1 {
		t.Fatalf("%v, stored %v", err, *stored)
	}
	again, _ := remembering(t)
	if err := again.Restore((*stored)[0]); err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{Steps: []*plan.Step{step}}
	if again.block(f, p); step.Blocked == nil || step.Blocked.Kind != plan.Withheld {
		t.Errorf("blocked by %v", step.Blocked)
	}
}
