package controller

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/cluster"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// always is the Owner of all fleets.
type always struct{}

func (always) Begin(ctx context.Context, _, _ string) (context.Context, func(), bool) {
	return ctx, func() {}, true
}

// A dueQueue holds objects until they are due, as the queue of a controller does, but on a
// clock that is put forward.
type dueQueue struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request] // nil: not used
	clock                                                   *clock

	mu  sync.Mutex
	due map[types.NamespacedName]time.Time
}

// AddAfter enqueues what the platform reports.
func (q *dueQueue) AddAfter(req reconcile.Request, d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := q.clock.Now().Add(d)
	if before, ok := q.due[req.NamespacedName]; !ok || at.Before(before) {
		q.due[req.NamespacedName] = at
	}
}

// next removes and returns the object that is due first, unless that is after a time.
func (q *dueQueue) next(end time.Time) (key types.NamespacedName, at time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for k, t := range q.due {
		if !t.After(end) && (!ok || t.Before(at)) {
			key, at, ok = k, t, true
		}
	}
	delete(q.due, key)
	return key, at, ok
}

// A simulation is a Reconciler with a real API server and an emulated Daytona.
type simulation struct {
	t      testing.TB
	kube   client.Client
	server *daytona
	queue  *dueQueue
	r      *Reconciler
	ns     string
	passes int
}

func newSimulation(t testing.TB) *simulation {
	t.Helper()
	env := kubetest.New(t)
	env.InstallCRDs(t)
	scheme := runtime.NewScheme()
	must(t, clientgoscheme.AddToScheme(scheme))
	must(t, v1alpha1.AddToScheme(scheme))
	config := env.Admin()
	config.QPS = -1
	c, err := cluster.New(config, func(o *cluster.Options) {
		o.Scheme = scheme
		o.Client.Cache = &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}
	})
	must(t, err)
	must(t, c.GetFieldIndexer().IndexField(t.Context(), &v1alpha1.Fleet{}, claimIndex, indexClaim))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Start(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	if !c.GetCache().WaitForCacheSync(ctx) {
		t.Fatal("the cache does not start")
	}
	d := newDaytona(t)
	s := &simulation{t: t, kube: c.GetClient(), server: d, ns: env.Namespace, queue: &dueQueue{clock: d.clock, due: map[types.NamespacedName]time.Time{}}}
	s.r = &Reconciler{
		Client: c.GetClient(), Reader: c.GetAPIReader(), Recorder: events.NewFakeRecorder(1 << 16), Owner: always{}, Version: "test", Now: d.clock.Now,
		Organizations: organization.NewRegistry(organization.Options{Now: d.clock.Now}),
		Loader:        &source.Loader{Reader: c.GetAPIReader(), Dir: t.TempDir()},
	}
	must(t, s.r.wakeups.start(ctx, s.queue))
	removeFleets(t, c.GetClient(), env.Namespace)
	return s
}

// removeFleets deletes the Fleet objects of a namespace at the end of the test: all emulated
// Daytonas have the same organisation, and an operator sees all namespaces.
func removeFleets(t testing.TB, kube client.Client, namespace string) {
	t.Cleanup(func() {
		must(t, kube.DeleteAllOf(context.Background(), &v1alpha1.Fleet{}, client.InNamespace(namespace)))
	})
}

// create creates objects for fleets, whose sandboxes are to be started.
func (s *simulation) create(url string, fleets, sandboxes int) {
	s.t.Helper()
	s.secret()
	for i := range fleets {
		f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("fleet-%03d", i), Namespace: s.ns}}
		f.Spec.Server.URL, f.Spec.Server.Credentials.Secret = url, "daytona"
		f.Spec.Fleet = &runtime.RawExtension{Raw: []byte(fleetText(i, sandboxes))}
		must(s.t, s.kube.Create(s.t.Context(), f))
		kubetest.Eventually(s.t, 30*time.Second, func() error { // the cache has it
			return s.kube.Get(s.t.Context(), client.ObjectKeyFromObject(f), &v1alpha1.Fleet{})
		})
		s.queue.AddAfter(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(f)}, 0)
	}
}

// reconcile reconciles an object, and enqueues it again.
func (s *simulation) reconcile(key types.NamespacedName) {
	s.t.Helper()
	s.passes++
	result, err := s.r.Reconcile(s.t.Context(), ctrl.Request{NamespacedName: key})
	must(s.t, err)
	if result.RequeueAfter > 0 {
		s.queue.AddAfter(reconcile.Request{NamespacedName: key}, result.RequeueAfter)
	}
}

// runUntil reconciles what is due until a time, to which it puts the clock forward.
func (s *simulation) runUntil(end time.Time) {
	s.t.Helper()
	for {
		key, at, ok := s.queue.next(end)
		if !ok {
			break
		}
		s.server.clock.moveTo(at)
		s.reconcile(key)
	}
	s.server.clock.moveTo(end)
}

// ready returns the number of objects that are Ready.
func (s *simulation) ready() (n int) {
	s.t.Helper()
	list := &v1alpha1.FleetList{}
	must(s.t, s.r.Reader.List(s.t.Context(), list, client.InNamespace(s.ns)))
	for i := range list.Items {
		if c := find(list.Items[i].Status.Conditions, v1alpha1.Ready); c != nil && c.Status == metav1.ConditionTrue {
			n++
		}
	}
	return n
}

// A box is a sandbox as the server lists it.
type box struct {
	ID, State string
}

// boxes returns all sandboxes.
func (s *simulation) boxes() (list []box) {
	s.t.Helper()
	for page := 1; ; page++ {
		var answer struct{ Items []box }
		s.server.other(s.t, "GET", fmt.Sprintf("/api/sandbox/paginated?limit=200&page=%d", page), &answer)
		list = append(list, answer.Items...)
		if len(answer.Items) < 200 {
			return list
		}
	}
}

// started returns the number of sandboxes that are started.
func (s *simulation) started() (n int) {
	s.t.Helper()
	for _, b := range s.boxes() {
		if b.State == "started" {
			n++
		}
	}
	return n
}

// stopOne stops a sandbox, and waits until its fleet is enqueued.
func (s *simulation) stopOne(i int) {
	s.t.Helper()
	all := s.boxes()
	s.server.other(s.t, "POST", "/api/sandbox/"+all[(i*997)%len(all)].ID+"/stop", nil)
	kubetest.Eventually(s.t, 30*time.Second, func() error {
		if !s.queue.hasUntil(s.server.clock.Now().Add(gather)) {
			return fmt.Errorf("no fleet is enqueued")
		}
		return nil
	})
}

// hasUntil reports whether an object is due until a time.
func (q *dueQueue) hasUntil(end time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range q.due {
		if !t.After(end) {
			return true
		}
	}
	return false
}
