package controller

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/lease"
)

// A tenant is the owner of all fleets in one tenure.
type tenant struct{ fence lease.Fence }

func (o *tenant) Begin(ctx context.Context, _, _ string) (context.Context, func(), bool) {
	return lease.WithFence(ctx, &o.fence), func() {}, true
}

// creation is a memory of a fleet.
const creation = `{"state":{"version":1},"creations":[{"name":"base","id":"1","recipe":"","at":"0001-01-01T00:00:00Z"}]}`

// observed returns a change of an object that only observes its fleet.
func observed(sandboxes int) func(*v1alpha1.Fleet) {
	return func(f *v1alpha1.Fleet) { f.Spec.Mode, f.Spec.Fleet = v1alpha1.ModeObserve, declared(sandboxes) }
}

// stored returns what the ConfigMap of an object holds that its status names.
func (l *lab) stored(name string) (plan, memory string) {
	l.t.Helper()
	m := &corev1.ConfigMap{}
	must(l.t, l.r.Reader.Get(l.t.Context(), l.key(l.live(name).Status.Plan.ConfigMap), m))
	memory, err := unpack(m.BinaryData[memoryKey])
	must(l.t, err)
	return m.Data[planKey], memory
}

// TestShardComesBack: a replica to which a shard returns knows what another one stored
// meanwhile, and a replica that keeps a shard reads nothing again.
func TestShardComesBack(t *testing.T) {
	l := newLab(t)
	l.r.Owner = &tenant{}
	f := l.create("a", observed(1))
	l.pass("a")
	first := l.r.sessions.entries[l.key("a")]
	if l.pass("a"); l.r.sessions.entries[l.key("a")] != first {
		t.Error("what the replica knew was forgotten")
	}

	another := &Reconciler{Client: l.r.Client, Reader: l.r.Reader}
	other := newStore(another, f)
	_, err := other.read(t.Context())
	must(t, err)
	must(t, other.remember(t.Context(), creation))
	must(t, other.write(t.Context(), "the plan of another replica", creation))

	l.r.Owner = &tenant{} // the shard was given up, and comes back
	l.pass("a")
	plan, memory := l.stored("a")
	if memory != creation {
		t.Errorf("the memory is %q", memory)
	}
	if plan == "" || plan == "the plan of another replica" {
		t.Errorf("the plan is %q", plan)
	}
}

// TestDisturbedConfigMap: the ConfigMap that a status names holds the plan and the memory,
// also after a user has changed or deleted it.
func TestDisturbedConfigMap(t *testing.T) {
	l := newLab(t)
	f := l.create("a", observed(1))
	store := newStore(l.r, f)
	must(t, store.remember(t.Context(), creation))
	l.pass("a")
	want, _ := l.stored("a")
	change := func(change func(m *corev1.ConfigMap)) func(*corev1.ConfigMap) error {
		return func(m *corev1.ConfigMap) error { change(m); return l.kube.Update(t.Context(), m) }
	}
	for name, disturb := range map[string]func(*corev1.ConfigMap) error{
		"nothing": func(*corev1.ConfigMap) error { return nil },
		"deleted": func(m *corev1.ConfigMap) error { return l.kube.Delete(t.Context(), m) },
		"edited":  change(func(m *corev1.ConfigMap) { m.Data[planKey] = "x" }),
		"emptied": change(func(m *corev1.ConfigMap) { m.Data, m.BinaryData = nil, nil }),
		"labeled": change(func(m *corev1.ConfigMap) { m.Labels = map[string]string{"a": "b"} }),
	} {
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: store.name, Namespace: l.ns}}
		must(t, l.r.Reader.Get(t.Context(), l.key(store.name), m))
		must(t, disturb(m))
		l.server.clock.moveTo(l.server.clock.Now().Add(2 * time.Hour))
		l.pass("a")
		if plan, memory := l.stored("a"); plan != want || memory != creation {
			t.Errorf("%s: the plan is %q, the memory %q", name, plan, memory)
		}
	}
	l.edit("a", func(f *v1alpha1.Fleet) { f.Spec.Mode = v1alpha1.ModeEnforce })
	if p := l.pass("a").Status.Plan; p.ConfigMap != "" {
		t.Errorf("the fleet is in sync, and the status names the plan in %s", p.ConfigMap)
	}
	kept := &corev1.ConfigMap{}
	must(t, l.r.Reader.Get(t.Context(), l.key(store.name), kept))
	if len(kept.Data) > 0 || len(kept.BinaryData) != 1 {
		t.Errorf("a fleet in sync with a memory has %+v", kept)
	}
}
