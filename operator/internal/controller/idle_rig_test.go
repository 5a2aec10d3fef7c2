package controller

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// A clock is the real one, which can be put forward.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// moveTo puts the clock forward to a time.
func (c *clock) moveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = max(c.offset, time.Until(t))
}

// always is the Owner of all fleets.
type always struct{}

func (always) Begin(ctx context.Context, _, _ string) (context.Context, func(), bool) {
	return ctx, func() {}, true
}

// A daytona is an emulated Daytona that counts requests.
type daytona struct {
	*emulator.Server
	clock *clock

	mu    sync.Mutex
	count map[string]int // requests by method and first element of the path
}

func newDaytona(t testing.TB) *daytona {
	t.Helper()
	d := &daytona{clock: &clock{}, count: map[string]int{}}
	s, err := emulator.New(emulator.Options{Control: true, Now: d.clock.Now})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	d.Server = s
	return d
}

// ServeHTTP implements http.Handler. Requests of others than the operator are not counted.
func (d *daytona) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.HasSuffix(req.Header.Get("Authorization"), otherKey) {
		d.mu.Lock()
		first, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/api/"), "/")
		d.count[req.Method+" "+first]++
		d.mu.Unlock()
	}
	d.Server.ServeHTTP(w, req)
}

// take returns the number of requests since the last call, and describes them.
func (d *daytona) take() (n int, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, count := range d.count {
		n += count
	}
	text = fmt.Sprint(d.count)
	clear(d.count)
	return n, text
}

// otherKey is the key of another client.
const otherKey = "dtn_other"

// other sends a request as another client.
func (d *daytona) other(t testing.TB, method, path string, into any) {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(""))
	req.Header.Set("Authorization", "Bearer "+otherKey)
	rec := httptest.NewRecorder()
	d.ServeHTTP(rec, req)
	if rec.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if into != nil {
		must(t, json.NewDecoder(io.LimitReader(rec.Body, 1<<26)).Decode(into))
	}
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
	return s
}

// create creates objects for fleets, whose sandboxes are to be started.
func (s *simulation) create(url string, fleets, sandboxes int) {
	s.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "daytona", Namespace: s.ns}, StringData: map[string]string{"apiKey": "dtn_operator"}}
	must(s.t, s.kube.Create(s.t.Context(), secret))
	for i := range fleets {
		f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("fleet-%03d", i), Namespace: s.ns}}
		f.Spec.Server.URL, f.Spec.Server.Credentials.Secret = url, "daytona"
		f.Spec.Fleet = &runtime.RawExtension{Raw: fmt.Appendf(nil, `{"version": 1, "name": "fleet-%03d", "sandboxes": {"web-%03d": {"count": %d, "state": "started", "auto_stop_interval": 0, "labels": {"team": "a"}}}}`, i, i, sandboxes)}
		must(s.t, s.kube.Create(s.t.Context(), f))
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
