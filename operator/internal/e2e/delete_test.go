package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/operator"
)

// gone waits until an object is gone.
func (r *rig) gone(name string) {
	r.t.Helper()
	kubetest.Eventually(r.t, limit, func() error {
		err := r.kube.Get(r.t.Context(), client.ObjectKey{Namespace: r.env.Namespace, Name: name}, &v1alpha1.Fleet{})
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("the object %s is still there: %w", name, err)
		}
		return nil
	})
}

// TestDeleteProtected: what the spec protects keeps the object until a user chooses Orphan.
func TestDeleteProtected(t *testing.T) {
	r := newRig(t, emulator.Options{})
	spec := "fleet: {version: 1, name: web, sandboxes: {web: {count: 2}, db: {protect: true}}}\n"
	r.apply("web", spec+"deletionPolicy: Delete\n")
	r.ready("web")
	must(t, r.kube.Delete(t.Context(), r.get("web")))
	f := r.wait("web", v1alpha1.Blocked, metav1.ConditionTrue, "Waiting")
	if text := message(f, v1alpha1.Blocked); !strings.Contains(text, "sandbox.db") {
		t.Errorf("the message is %q", text)
	}
	if all := r.sandboxes(); len(all) != 1 || all["db"].ID == "" {
		t.Errorf("sandboxes %v", all)
	}
	r.apply("web", spec+"deletionPolicy: Orphan\n")
	r.gone("web")
	if all := r.sandboxes(); all["db"].ID == "" {
		t.Errorf("sandboxes %v", all)
	}
}

// TestDeleteWithoutSecret: a fleet whose credentials are gone cannot be deleted; the
// object states what to do.
func TestDeleteWithoutSecret(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(1, "a")+"deletionPolicy: Delete\n")
	r.ready("web")
	r.stop()
	must(t, r.kube.Delete(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: r.env.Namespace, Name: "daytona"}}))
	r.start(operator.Options{})
	must(t, r.kube.Delete(t.Context(), r.get("web")))
	f := r.wait("web", v1alpha1.Stalled, metav1.ConditionTrue, "SecretNotFound")
	if text := message(f, v1alpha1.Stalled); !strings.Contains(text, "cannot be deleted") || !strings.Contains(text, "Orphan") {
		t.Errorf("the message is %q", text)
	}
	r.secret("daytona", apiKey)
	r.gone("web")
	if all := r.sandboxes(); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
}

// TestRestart: an operator that starts again finds everything as it was, and sends nothing
// that writes.
func TestRestart(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("web", web(3, "a"))
	before := r.ready("web")
	ids := r.sandboxes()
	r.stop()
	r.control("DELETE", "log", "")
	r.start(operator.Options{})
	r.annotate("web", v1alpha1.ReconcileAnnotation, "now")
	kubetest.Eventually(t, limit, func() error {
		if f := r.get("web"); f.Status.HandledReconcileAt != "now" {
			return fmt.Errorf("handled: %q", f.Status.HandledReconcileAt)
		}
		return nil
	})
	for name, s := range r.sandboxes() {
		if ids[name].ID != s.ID {
			t.Errorf("%s was created again", name)
		}
	}
	var log []struct{ Method, Path string }
	r.sendTo("GET", strings.TrimSuffix(r.server.URL, "/api")+"/_emulator/log", "", &log)
	for _, req := range log {
		if req.Method != http.MethodGet {
			t.Errorf("sent %s %s", req.Method, req.Path)
		}
	}
	if after := r.get("web"); len(after.Status.Conditions) != len(before.Status.Conditions) {
		t.Errorf("conditions %+v", after.Status.Conditions)
	}
}

// TestHostileTexts: what the server writes is never printed raw, and holds no secrets.
func TestHostileTexts(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.applyObject(&corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: "token"}, StringData: map[string]string{"token": "t0ken-s3ntinel"},
	})
	r.control("POST", "faults", `{"kind": "runner-fail", "message": "\u001b[31m::error::t0ken-s3ntinel `+apiKey+`"}`)
	r.apply("web", `
fleet: {version: 1, name: web, vars: {token: {}}, sandboxes: {web: {env_vars: {TOKEN: "${var.token}"}}}}
variables: [{name: token, valueFrom: {secretKeyRef: {name: token, key: token}}}]
`)
	f := r.wait("web", v1alpha1.Degraded, metav1.ConditionTrue, "ChangesFailed")
	events := &corev1.EventList{}
	kubetest.Eventually(t, limit, func() error {
		must(t, r.kube.List(t.Context(), events, client.InNamespace(r.env.Namespace)))
		for _, e := range events.Items {
			if e.Reason == "ChangesFailed" {
				return nil
			}
		}
		return fmt.Errorf("%d events", len(events.Items))
	})
	maps := &corev1.ConfigMapList{}
	must(t, r.kube.List(t.Context(), maps, client.InNamespace(r.env.Namespace)))
	text := fmt.Sprint(f.Status, events.Items, maps.Items)
	if strings.Contains(text, "s3ntinel") || strings.Contains(text, "\x1b") {
		t.Errorf("shown: %q", text)
	}
}

// TestDeleteTaken: of two objects that declare one fleet and are deleted, one leaves the
// fleet to the other, and both go.
func TestDeleteTaken(t *testing.T) {
	r := newRig(t, emulator.Options{})
	spec := "fleet: {version: 1, name: web, sandboxes: {web: {}}}\ndeletionPolicy: Delete\n"
	r.apply("one", spec)
	r.ready("one")
	r.apply("two", spec)
	r.wait("two", v1alpha1.Blocked, metav1.ConditionTrue, "FleetNameTaken")
	must(t, r.kube.Delete(t.Context(), r.get("two")))
	r.gone("two")
	r.ready("one")
	if len(r.sandboxes()) != 1 {
		t.Fatal("the fleet of the other object was deleted")
	}
	r.apply("two", spec)
	r.wait("two", v1alpha1.Blocked, metav1.ConditionTrue, "FleetNameTaken")
	r.wait("one", v1alpha1.Blocked, metav1.ConditionTrue, "FleetNameTaken")
	must(t, r.kube.DeleteAllOf(t.Context(), &v1alpha1.Fleet{}, client.InNamespace(r.env.Namespace)))
	r.gone("one")
	r.gone("two")
	if all := r.sandboxes(); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
}
