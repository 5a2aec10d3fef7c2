package controller

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/internal/watch"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
)

// TestBusyOrganization: while one fleet waits for the listing of a slow server, a worker
// that compares another fleet in sync does not wait for it too, and is free for new work.
func TestBusyOrganization(t *testing.T) {
	s := newSimulation(t)
	server := httptest.NewServer(s.server)
	defer server.Close()
	s.create(server.URL+"/api", 2, 1)
	s.runUntil(s.server.clock.Now().Add(3 * time.Hour / 2))
	s.server.clock.moveTo(s.server.clock.Now().Add(2 * time.Hour)) // a listing is due
	release := s.server.hold()
	defer release()
	var first sync.WaitGroup
	first.Go(func() { s.reconcile(types.NamespacedName{Namespace: s.ns, Name: "fleet-000"}) })
	kubetest.Eventually(t, 30*time.Second, func() error {
		if s.server.holds() == 0 {
			return fmt.Errorf("nothing is listed")
		}
		return nil
	})
	second := ctrl.Request{NamespacedName: types.NamespacedName{Namespace: s.ns, Name: "fleet-001"}}
	result, err := s.r.Reconcile(t.Context(), second)
	must(t, err)
	if result.RequeueAfter <= 0 || result.RequeueAfter > 2*watch.FirstRetry || *result.Priority != resyncPriority || s.ready() != 2 {
		t.Errorf("the second fleet is compared again after %s; %d fleets are ready", result.RequeueAfter, s.ready())
	}
	release()
	first.Wait()
	result, err = s.r.Reconcile(t.Context(), second)
	must(t, err)
	if result.RequeueAfter < pushedInterval/2 || s.ready() != 2 {
		t.Errorf("the second fleet is compared again after %s; %d fleets are ready", result.RequeueAfter, s.ready())
	}
}

// TestNewWorkWhenBusy: a new object that the server was too busy for does not queue behind
// what is only compared again.
func TestNewWorkWhenBusy(t *testing.T) {
	w := &work{fleet: &v1alpha1.Fleet{}}
	if got := w.whenBusy(); got.Priority != nil || got.RequeueAfter < watch.FirstRetry {
		t.Errorf("the result is %+v", got)
	}
}
