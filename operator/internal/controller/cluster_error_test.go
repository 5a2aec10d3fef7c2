package controller

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
)

// A refusing reader refuses to read Secrets.
type refusing struct {
	client.Reader
	err error // nil refuses nothing
}

func (r *refusing) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if _, ok := o.(*corev1.Secret); ok && r.err != nil {
		return r.err
	}
	return r.Reader.Get(ctx, key, o, opts...)
}

// clusterErrors are errors of the cluster, with the attempt that shows them; 0 for none.
var clusterErrors = map[string]struct {
	err   error
	shown int
	want  string
}{
	"forbidden": {apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "daytona", errors.New("no RBAC")), 1, "reading Secret daytona, which spec.server.credentials names: secrets \"daytona\" is forbidden: no RBAC"},
	"unsafe":    {errors.New("\x1b[2Jcleared"), 1, `\x1b[2Jcleared`},
	"passing":   {apierrors.NewServiceUnavailable("no leader"), maxPassing, "no leader"},
	"busy":      {apierrors.NewTooManyRequests("slow down", 1), maxPassing, "slow down"},
	"conflict":  {apierrors.NewConflict(schema.GroupResource{Resource: "fleets"}, "fleet-000", errors.New("changed")), 0, ""},
	"given up":  {context.Canceled, 0, ""},
}

// TestClusterErrors: what Kubernetes refuses is reported once, and no longer when it has passed.
func TestClusterErrors(t *testing.T) {
	s := newSimulation(t)
	server := httptest.NewServer(s.server)
	defer server.Close()
	s.create(server.URL+"/api", 1, 1)
	req := ctrl.Request{NamespacedName: types.NamespacedName{Namespace: s.ns, Name: "fleet-000"}}
	reader := &refusing{Reader: s.r.Loader.Reader}
	s.r.Loader.Reader = reader
	for name, test := range clusterErrors {
		reader.err = nil
		s.passWhenDue(req.NamespacedName)
		if s.ready() != 1 {
			t.Fatalf("%s: the fleet is not ready before", name)
		}
		recorder := events.NewFakeRecorder(100)
		s.r.Recorder, reader.err = recorder, test.err
		for attempt := 1; attempt <= maxPassing+1; attempt++ {
			s.becomeDue()
			_, err := s.r.Reconcile(t.Context(), req)
			if !errors.Is(err, test.err) {
				t.Errorf("%s: the error is %v", name, err)
			}
			s.catchUp(req.NamespacedName)
			shown := test.shown > 0 && attempt >= test.shown
			if c := s.conditionOf(req.NamespacedName, v1alpha1.Degraded); (c.Status == metav1.ConditionTrue) != shown || shown && (c.Reason != v1alpha1.ReasonCluster || !strings.HasSuffix(c.Message, test.want)) {
				t.Errorf("%s: after attempt %d: %+v", name, attempt, c)
			}
			if (s.ready() == 0) != shown {
				t.Errorf("%s: after attempt %d: %d fleets are ready", name, attempt, s.ready())
			}
		}
		if n := len(recorder.Events); n != min(test.shown, 1) {
			t.Errorf("%s: %d events", name, n)
		}
	}
}

// TestFullDisk: an error of the disk is shown, without the name of the file, which differs at
// each attempt.
func TestFullDisk(t *testing.T) {
	s := newSimulation(t)
	s.create("https://daytona.example/api", 1, 1)
	key := types.NamespacedName{Namespace: s.ns, Name: "fleet-000"}
	must(t, os.Remove(s.r.Loader.Dir))
	if _, err := s.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: key}); err == nil {
		t.Error("there is no error")
	}
	if c := s.conditionOf(key, v1alpha1.Ready); c.Reason != v1alpha1.ReasonCluster || !strings.HasSuffix(c.Message, "to the directory of --temp-dir: no such file or directory") {
		t.Errorf("%+v", c)
	}
}

// TestUnreadableMemory: what is stored of a fleet is a part of the cluster, too.
func TestUnreadableMemory(t *testing.T) {
	s := newSimulation(t)
	s.create("https://daytona.example/api", 1, 1)
	key := types.NamespacedName{Namespace: s.ns, Name: "fleet-000"}
	s.r.Reader = &forbiddenMaps{s.r.Reader}
	if _, err := s.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: key}); !apierrors.IsForbidden(err) {
		t.Errorf("the error is %v", err)
	}
	if c := s.conditionOf(key, v1alpha1.Ready); c.Reason != v1alpha1.ReasonCluster {
		t.Errorf("%+v", c)
	}
}

// forbiddenMaps refuses to read ConfigMaps.
type forbiddenMaps struct{ client.Reader }

func (r *forbiddenMaps) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if _, ok := o.(*corev1.ConfigMap); ok {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, key.Name, errors.New("no RBAC"))
	}
	return r.Reader.Get(ctx, key, o, opts...)
}

// becomeDue puts the clock forward, until the fleet would be compared again.
func (s *simulation) becomeDue() { s.server.clock.moveTo(s.server.clock.Now().Add(2 * time.Hour)) }

// passWhenDue reconciles an object when it is due, and waits until the cache has its status.
func (s *simulation) passWhenDue(key types.NamespacedName) {
	s.t.Helper()
	s.becomeDue()
	s.reconcile(key)
	s.catchUp(key)
}

// catchUp waits until the cache has what the API server has.
func (s *simulation) catchUp(key types.NamespacedName) {
	s.t.Helper()
	live := &v1alpha1.Fleet{}
	must(s.t, s.r.Reader.Get(s.t.Context(), key, live))
	kubetest.Eventually(s.t, 30*time.Second, func() error {
		f := &v1alpha1.Fleet{}
		if err := s.kube.Get(s.t.Context(), key, f); err != nil || f.ResourceVersion == live.ResourceVersion {
			return err
		}
		return errors.New("the cache is older")
	})
}

// conditionOf returns a condition of an object; a zero one if it has none.
func (s *simulation) conditionOf(key types.NamespacedName, kind string) metav1.Condition {
	s.t.Helper()
	f := &v1alpha1.Fleet{}
	must(s.t, s.r.Reader.Get(s.t.Context(), key, f))
	if c := find(f.Status.Conditions, kind); c != nil {
		return *c
	}
	return metav1.Condition{}
}
