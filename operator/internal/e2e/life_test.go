package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	corev1 "k8s.io/api/core/v1"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
)

// web is the spec of a fleet with some sandboxes.
func web(count int, team string) string {
	return fmt.Sprintf("fleet:\n  version: 1\n  name: web\n  sandboxes: {web: {count: %d, labels: {team: %s}}}\n", count, team)
}

// TestLife: an object is created, edited, drifts, and is deleted with its fleet.
func TestLife(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(3, "a")+"deletionPolicy: Delete\n")
	f := r.ready("web")
	if f.Status.Sandboxes != "3/3" || f.Status.Fleet != "web" || f.Status.Plan.Changes != 0 {
		t.Errorf("status %+v", f.Status)
	}
	r.apply("web", web(3, "b")+"deletionPolicy: Delete\n")
	r.ready("web")
	all := r.sandboxes()
	if len(all) != 3 || all["web-0"].Labels["team"] != "b" {
		t.Errorf("sandboxes %v", all)
	}
	r.send("DELETE", "/sandbox/"+all["web-1"].ID, "", nil)
	kubetest.Eventually(t, limit, func() error {
		if s, ok := r.sandboxes()["web-1"]; !ok || s.ID == all["web-1"].ID {
			return fmt.Errorf("web-1 was not created again")
		}
		return nil
	})
	must(t, r.kube.Delete(t.Context(), r.ready("web")))
	kubetest.Eventually(t, limit, func() error {
		err := r.kube.Get(t.Context(), client.ObjectKeyFromObject(f), &v1alpha1.Fleet{})
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("the object is still there: %w", err)
		}
		return nil
	})
	if all := r.sandboxes(); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
}

// TestOrphan: without a deletion policy, the fleet is kept.
func TestOrphan(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(2, "a"))
	f := r.ready("web")
	if len(f.Finalizers) != 0 {
		t.Errorf("finalizers %v", f.Finalizers)
	}
	must(t, r.kube.Delete(t.Context(), f))
	r.apply("web", web(2, "a"))
	if f := r.ready("web"); f.Status.Sandboxes != "2/2" || len(r.sandboxes()) != 2 {
		t.Errorf("sandboxes %v", r.sandboxes())
	}
}

// TestApproval: what would destroy too much waits for an approval, which counts once.
func TestApproval(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(5, "a"))
	r.ready("web")
	r.apply("web", web(3, "a"))
	f := r.wait("web", v1alpha1.Blocked, metav1.ConditionTrue, "ApprovalNeeded")
	if len(r.sandboxes()) != 5 || !strings.Contains(message(f, v1alpha1.Blocked), f.Status.Plan.Digest) || f.Status.Plan.Digest == "" {
		t.Fatalf("status %+v", f.Status)
	}
	plan := &corev1.ConfigMap{}
	must(t, r.kube.Get(t.Context(), client.ObjectKey{Namespace: r.env.Namespace, Name: f.Status.Plan.ConfigMap}, plan))
	if !strings.Contains(plan.Data["plan.txt"], "sandbox.web[3..4]") || strings.Contains(plan.Data["plan.txt"], "--") {
		t.Errorf("the plan is %s", plan.Data["plan.txt"])
	}
	r.annotate("web", v1alpha1.ApproveAnnotation, "sha256:0000")
	r.wait("web", v1alpha1.Blocked, metav1.ConditionTrue, "ApprovalNeeded")
	if len(r.sandboxes()) != 5 {
		t.Fatal("another plan was approved")
	}
	r.annotate("web", v1alpha1.ApproveAnnotation, f.Status.Plan.Digest)
	f = r.ready("web")
	if len(r.sandboxes()) != 3 || f.Annotations[v1alpha1.ApproveAnnotation] != "" {
		t.Errorf("%d sandboxes, annotations %v", len(r.sandboxes()), f.Annotations)
	}
}

// TestModes: observe and a dry run change nothing, and report what differs.
func TestModes(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(2, "a")+"mode: observe\n")
	f := r.wait("web", v1alpha1.Ready, metav1.ConditionFalse, "Drifted")
	if f.Status.Plan.Changes != 2 || len(r.sandboxes()) != 0 {
		t.Errorf("status %+v", f.Status)
	}
	r.annotate("web", v1alpha1.DryRunAnnotation, "true")
	r.apply("web", web(2, "a"))
	r.wait("web", v1alpha1.Ready, metav1.ConditionFalse, "Drifted")
	if len(r.sandboxes()) != 0 {
		t.Error("the dry run created sandboxes")
	}
	r.annotate("web", v1alpha1.DryRunAnnotation, "")
	r.ready("web")
}

// TestSuspend: a suspended object changes nothing until it is resumed.
func TestSuspend(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(2, "a")+"suspend: true\n")
	r.wait("web", v1alpha1.Ready, metav1.ConditionFalse, "Suspended")
	if len(r.sandboxes()) != 0 {
		t.Error("a suspended object created sandboxes")
	}
	r.apply("web", web(2, "a"))
	r.ready("web")
}

// TestEditStopsPass: an edit during a pass starts no more steps of the former spec.
func TestEditStopsPass(t *testing.T) {
	r := newRig(t, emulator.Options{Delays: emulator.Delays{Create: 2 * time.Second}})
	r.apply("web", "fleet: {version: 1, name: web, parallelism: {max: 1}, sandboxes: {web: {count: 20}}}\n")
	kubetest.Eventually(t, limit, func() error {
		if len(r.sandboxes()) == 0 {
			return fmt.Errorf("nothing is created yet")
		}
		return nil
	})
	r.apply("web", "fleet: {version: 1, name: web, parallelism: {max: 1}, sandboxes: {web: {count: 20}}}\nsuspend: true\n")
	r.wait("web", v1alpha1.Ready, metav1.ConditionFalse, "Suspended")
	if n := len(r.sandboxes()); n == 20 {
		t.Errorf("all %d sandboxes were created", n)
	}
}
