package controller

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// A turnstile is an Owner that records the order of reconciliations, and that can hold them.
type turnstile struct {
	mu     sync.Mutex
	order  []string
	closed chan struct{} // holds reconciliations until it is closed; nil holds none
}

func (o *turnstile) Begin(ctx context.Context, _, name string) (context.Context, func(), bool) {
	o.mu.Lock()
	o.order = append(o.order, name)
	closed := o.closed
	o.mu.Unlock()
	if closed != nil {
		<-closed
	}
	return ctx, func() {}, true
}

// hold holds reconciliations until the function is called that it returns.
func (o *turnstile) hold() (release func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.order, o.closed = nil, make(chan struct{})
	return sync.OnceFunc(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		close(o.closed)
		o.closed = nil
	})
}

// started returns the names of the objects whose reconciliation has started, in order.
func (o *turnstile) started() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.order...)
}

// depth returns the number of objects that wait in the queue with a priority.
func depth(t testing.TB, priority int) (n int) {
	t.Helper()
	families, err := metrics.Registry.Gather()
	must(t, err)
	for _, f := range families {
		if f.GetName() != "workqueue_depth" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "priority" && l.GetValue() == fmt.Sprint(priority) {
					n += int(m.GetGauge().GetValue())
				}
			}
		}
	}
	return n
}

// TestNewWorkFirst: when all fleets are due for a resync at once, and all workers are busy
// with it, a new object is the next that is reconciled.
func TestNewWorkFirst(t *testing.T) {
	const fleets, workers = 500, 50
	env := kubetest.New(t)
	env.InstallCRDs(t)
	scheme := runtime.NewScheme()
	must(t, clientgoscheme.AddToScheme(scheme))
	must(t, v1alpha1.AddToScheme(scheme))
	config := env.Admin()
	config.QPS = -1
	skip := true
	m, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Controller: ctrlconfig.Controller{SkipNameValidation: &skip},
		Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	must(t, err)
	owner := &turnstile{}
	r := &Reconciler{
		Client: m.GetClient(), Reader: m.GetAPIReader(), Recorder: m.GetEventRecorder(FieldManager), Owner: owner, Version: "test",
		Organizations: organization.NewRegistry(organization.Options{}), Loader: &source.Loader{Reader: m.GetAPIReader(), Dir: t.TempDir()},
	}
	must(t, r.Setup(t.Context(), m, workers, false))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	create := func(name string) {
		f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: env.Namespace}}
		f.Spec.Suspend, f.Spec.Server.Credentials.Secret, f.Spec.Fleet = true, "daytona", &runtime.RawExtension{Raw: []byte(fleetText(0, 1))}
		must(t, m.GetClient().Create(t.Context(), f))
	}
	removeFleets(t, m.GetClient(), env.Namespace)
	for i := range fleets {
		create(fmt.Sprintf("old-%03d", i))
	}
	go func() { ended <- m.Start(ctx) }()
	t.Cleanup(func() { cancel(); must(t, <-ended) })
	await := func(what string, condition func() bool) {
		t.Helper()
		kubetest.Eventually(t, time.Minute, func() error {
			if !condition() {
				return fmt.Errorf("waiting until %s; %d wait as new work and %d for a resync", what, depth(t, 0), depth(t, resyncPriority))
			}
			return nil
		})
	}
	await("all objects are reconciled", func() bool { return len(owner.started()) >= fleets && isIdle(t) })
	release := owner.hold()
	t.Cleanup(release) // before the manager ends
	must(t, r.Resume(t.Context(), func(string, string) bool { return true }))
	await("all workers are busy", func() bool { return len(owner.started()) == workers && depth(t, resyncPriority) == fleets-workers })
	create("new")
	await("the new object is enqueued", func() bool { return depth(t, 0) == 1 })
	release()
	await("all objects are reconciled again", func() bool { return len(owner.started()) > fleets })
	position := indexOf(owner.started(), "new")
	t.Logf("%d resyncs started between the new object and its reconciliation", position-workers)
	if position < workers || position >= 2*workers { // workers that end at the same time begin in any order
		t.Errorf("the new object is reconciled after %d others, of which %d had started before it", position, workers)
	}
}

// isIdle reports whether nothing waits in the queue for a worker.
func isIdle(t testing.TB) bool {
	return depth(t, 0) == 0 && depth(t, resyncPriority) == 0 && depth(t, lowPriority) == 0
}

// lowPriority is that of the objects that exist when a controller starts.
const lowPriority = -100

func indexOf(list []string, name string) int {
	for i, x := range list {
		if x == name {
			return i
		}
	}
	return -1
}
