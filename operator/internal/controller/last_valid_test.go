package controller

import (
	"net/http/httptest"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// TestLastValidSpec: if a spec becomes invalid, the last valid one stays in use, until another
// replica or a restarted one takes the fleet over.
func TestLastValidSpec(t *testing.T) {
	s := newSimulation(t)
	server := httptest.NewServer(s.server)
	defer server.Close()
	s.create(server.URL+"/api", 1, 1)
	key := types.NamespacedName{Namespace: s.ns, Name: "fleet-000"}
	s.passWhenDue(key)
	f := &v1alpha1.Fleet{}
	must(t, s.r.Reader.Get(t.Context(), key, f))
	old := f.DeepCopy()
	f.Spec.Fleet = &runtime.RawExtension{Raw: []byte(`{"version": 1, "name": "fleet-000", "sandboxes": {"web-000": {"cpus": 2}}}`)}
	must(t, s.kube.Patch(t.Context(), f, client.MergeFrom(old)))
	s.catchUp(key)
	s.server.other(t, "POST", "/api/sandbox/"+s.boxes()[0].ID+"/stop", nil)
	last := s.r
	defer last.Close()
	s.r = &Reconciler{
		Client: last.Client, Reader: last.Reader, Recorder: last.Recorder, Owner: always{}, Version: "test", Now: last.Now,
		Organizations: organization.NewRegistry(organization.Options{Now: s.server.clock.Now}),
		Loader:        &source.Loader{Reader: last.Reader, Dir: t.TempDir()},
	}
	s.passWhenDue(key)
	if c := s.conditionOf(key, v1alpha1.Stalled); c.Reason != v1alpha1.ReasonInvalidSpec || s.started() != 0 {
		t.Errorf("restarted: %d sandboxes are started: %+v", s.started(), c)
	}
	s.r = last
	s.passWhenDue(key)
	if c := s.conditionOf(key, v1alpha1.Stalled); c.Reason != v1alpha1.ReasonInvalidSpec || s.started() != 1 {
		t.Errorf("%d sandboxes are started: %+v", s.started(), c)
	}
}
