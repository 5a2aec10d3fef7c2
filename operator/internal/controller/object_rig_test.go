package controller

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
)

// A lab is a simulation whose objects are created and edited one by one.
type lab struct {
	*simulation
	url string // of the API
}

// newLab returns a lab with a Secret and without Fleet objects.
func newLab(t *testing.T) *lab {
	t.Helper()
	s := newSimulation(t)
	server := httptest.NewServer(s.server)
	t.Cleanup(server.Close)
	t.Cleanup(s.r.Close)
	s.secret()
	return &lab{s, server.URL + "/api"}
}

// secret creates the Secret with the API key.
func (s *simulation) secret() {
	s.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "daytona", Namespace: s.ns}, StringData: map[string]string{"apiKey": "dtn_operator"}}
	must(s.t, s.kube.Create(s.t.Context(), secret))
}

func (l *lab) key(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: l.ns, Name: name}
}

// create creates an object for a fleet of one sandbox, and waits until the cache has it.
// Objects with a finalizer lose it at the end of the test.
func (l *lab) create(name string, change func(*v1alpha1.Fleet)) *v1alpha1.Fleet {
	l.t.Helper()
	f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.ns}}
	f.Spec.Server.URL, f.Spec.Server.Credentials.Secret = l.url, "daytona"
	f.Spec.Fleet = declared(1)
	if change != nil {
		change(f)
	}
	must(l.t, l.kube.Create(l.t.Context(), f))
	l.t.Cleanup(func() { l.release(f) })
	l.settle(name)
	return f
}

// declared returns the spec of a fleet with a number of sandboxes.
func declared(sandboxes int) *runtime.RawExtension {
	return &runtime.RawExtension{Raw: []byte(fleetText(0, sandboxes))}
}

// release removes the finalizers of an object, if it still exists.
func (l *lab) release(f *v1alpha1.Fleet) {
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata": {"finalizers": null}}`))
	must(l.t, client.IgnoreNotFound(l.kube.Patch(context.Background(), f, patch)))
}

// live reads an object from the API server.
func (l *lab) live(name string) *v1alpha1.Fleet {
	l.t.Helper()
	f := &v1alpha1.Fleet{}
	must(l.t, l.r.Reader.Get(l.t.Context(), l.key(name), f))
	return f
}

// settle waits until the cache has what the API server has.
func (l *lab) settle(name string) {
	l.t.Helper()
	var want, has v1alpha1.Fleet
	ignore := func(err error) bool { must(l.t, client.IgnoreNotFound(err)); return apierrors.IsNotFound(err) }
	kubetest.Eventually(l.t, 30*time.Second, func() error {
		gone := ignore(l.r.Reader.Get(l.t.Context(), l.key(name), &want))
		missing := ignore(l.kube.Get(l.t.Context(), l.key(name), &has))
		if gone != missing || !gone && has.ResourceVersion != want.ResourceVersion {
			return errors.New("the cache is older than the API server")
		}
		return nil
	})
}

// edit changes an object, and waits until the cache has it.
func (l *lab) edit(name string, change func(*v1alpha1.Fleet)) *v1alpha1.Fleet {
	l.t.Helper()
	f := l.live(name)
	patch := client.MergeFrom(f.DeepCopy())
	change(f)
	must(l.t, l.kube.Patch(l.t.Context(), f, patch))
	l.settle(name)
	return f
}

// remove deletes an object, and waits until the cache knows.
func (l *lab) remove(name string) {
	l.t.Helper()
	must(l.t, l.kube.Delete(l.t.Context(), &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.ns}}))
	l.settle(name)
}

// pass reconciles an object, and returns it.
func (l *lab) pass(name string) *v1alpha1.Fleet {
	l.t.Helper()
	l.settle(name)
	l.reconcile(l.key(name))
	return l.live(name)
}

// record records the events from now on. The function returns those since.
func (l *lab) record() (recorded func() []string) {
	recorder := events.NewFakeRecorder(1 << 10)
	l.r.Recorder = recorder
	return func() (list []string) {
		for len(recorder.Events) > 0 {
			list = append(list, <-recorder.Events)
		}
		return list
	}
}

// reason returns the reason of a condition; empty if it is not there.
func reason(f *v1alpha1.Fleet, kind string) string {
	if c := find(f.Status.Conditions, kind); c != nil {
		return c.Reason
	}
	return ""
}

// A spiedClient calls functions at each use.
type spiedClient struct {
	client.Client
	listed func(client.ObjectList) // after each List; nil calls nothing
}

func (c *spiedClient) List(ctx context.Context, list client.ObjectList, o ...client.ListOption) error {
	err := c.Client.List(ctx, list, o...)
	if c.listed != nil {
		c.listed(list)
	}
	return err
}
