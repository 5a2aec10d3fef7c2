package controller

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
)

// TestWithdrawnApproval: an approval that a user withdraws, or an object that is edited,
// while the plan is made does not count, also after the status was written.
func TestWithdrawnApproval(t *testing.T) {
	env := kubetest.New(t)
	env.InstallCRDs(t)
	scheme := runtime.NewScheme()
	must(t, corev1.AddToScheme(scheme))
	must(t, v1alpha1.AddToScheme(scheme))
	kube, err := client.New(env.Admin(), client.Options{Scheme: scheme})
	must(t, err)
	f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: env.Namespace, Annotations: map[string]string{v1alpha1.ApproveAnnotation: "sha256:1"}}}
	f.Spec.Server.Credentials.Secret, f.Spec.Fleet = "daytona", &runtime.RawExtension{Raw: []byte(fleetText(0, 1))}
	must(t, kube.Create(t.Context(), f))
	t.Cleanup(func() { must(t, kube.Delete(context.Background(), f)) })
	work := func() *work {
		read := &v1alpha1.Fleet{}
		must(t, kube.Get(t.Context(), client.ObjectKeyFromObject(f), read))
		return &work{Reconciler: &Reconciler{Client: kube, Recorder: events.NewFakeRecorder(10)}, fleet: read, before: read.Status.DeepCopy(), ref: referenceTo(read)}
	}
	withdrawn := work()
	user := work().fleet
	user.Spec.Mode = v1alpha1.ModeObserve
	must(t, kube.Update(t.Context(), user))
	withdrawn.fleet.Status.Fleet = "web"
	must(t, withdrawn.writeStatus(t.Context()))
	if err := withdrawn.takeApproval(t.Context()); !apierrors.IsConflict(err) {
		t.Errorf("taken: %v", err)
	}
	if withdrawn.fleet.Generation != 1 || withdrawn.fleet.Spec.Mode != "" {
		t.Errorf("the object became another one: generation %d", withdrawn.fleet.Generation)
	}
	must(t, work().takeApproval(t.Context()))
	if a := work().fleet.Annotations[v1alpha1.ApproveAnnotation]; a != "" {
		t.Errorf("the approval is still there: %s", a)
	}
}
