package controller

import (
	"context"
	"strings"
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

// TestApprovalWithoutRun: an approval of a plan that is not applied stays until it is.
func TestApprovalWithoutRun(t *testing.T) {
	l := newLab(t)
	l.create("a", nil)
	l.pass("a") // creates one sandbox
	l.settle("a")
	l.edit("a", func(f *v1alpha1.Fleet) {
		f.Spec.Mode, f.Spec.Fleet = v1alpha1.ModeObserve, declared(0)
	})
	digest := l.pass("a").Status.Plan.Digest
	l.settle("a")
	events := l.record()
	annotate := func(dryRun string, mode v1alpha1.Mode) *v1alpha1.Fleet {
		l.edit("a", func(f *v1alpha1.Fleet) {
			f.Spec.Mode = mode
			f.Annotations = map[string]string{v1alpha1.ApproveAnnotation: digest, v1alpha1.DryRunAnnotation: dryRun}
		})
		return l.pass("a")
	}
	for _, f := range []*v1alpha1.Fleet{annotate("", v1alpha1.ModeObserve), annotate("true", v1alpha1.ModeEnforce)} {
		if f.Annotations[v1alpha1.ApproveAnnotation] != digest || l.started() != 1 {
			t.Errorf("%d sandboxes, annotations %v", l.started(), f.Annotations)
		}
	}
	if text := strings.Join(events(), "\n"); strings.Contains(text, "Approved") {
		t.Errorf("events of an approval that did not count: %s", text)
	}
	f := annotate("", v1alpha1.ModeEnforce)
	if text := strings.Join(events(), "\n"); f.Annotations[v1alpha1.ApproveAnnotation] != "" || l.started() != 0 || !strings.Contains(text, "Approved") {
		t.Errorf("%d sandboxes, annotations %v, events %s", l.started(), f.Annotations, text)
	}
}
