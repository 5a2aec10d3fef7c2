package manifests

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"fleet/operator/api/v1alpha1"
)

// Tools that wait for objects, such as Flux and kubectl wait of kstatus, understand the
// conditions of a fleet.
func TestConditionsAreKstatus(t *testing.T) {
	is := func(kinds ...string) (list []metav1.Condition) {
		for _, kind := range kinds {
			list = append(list, metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: "Reason"})
		}
		return list
	}
	notReady := metav1.Condition{Type: v1alpha1.Ready, Status: metav1.ConditionFalse, Reason: "Reason", Message: "why"}
	for _, test := range []struct {
		name       string
		observed   int64
		conditions []metav1.Condition
		want       status.Status
	}{
		{"matches the spec", 2, is(v1alpha1.Ready), status.CurrentStatus},
		{"matches the spec, with a plan", 2, append(is(v1alpha1.Ready), is(v1alpha1.Planned)...), status.CurrentStatus},
		{"edited a moment ago", 1, is(v1alpha1.Ready), status.InProgressStatus},
		{"being applied", 2, append(is(v1alpha1.Reconciling, v1alpha1.Planned), notReady), status.InProgressStatus},
		{"server unreachable", 2, append(is(v1alpha1.Reconciling, v1alpha1.Degraded), notReady), status.InProgressStatus},
		{"waits for an approval", 2, append(is(v1alpha1.Blocked, v1alpha1.Planned), notReady), status.InProgressStatus},
		{"wrong spec", 2, append(is(v1alpha1.Stalled), notReady), status.FailedStatus},
	} {
		f := &v1alpha1.Fleet{
			TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Fleet"},
			ObjectMeta: metav1.ObjectMeta{Name: "demo", Generation: 2},
			Status:     v1alpha1.FleetStatus{ObservedGeneration: test.observed, Conditions: test.conditions},
		}
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := status.Compute(&unstructured.Unstructured{Object: object})
		if err != nil || got.Status != test.want {
			t.Errorf("%s: %v, %v, want %v", test.name, got, err, test.want)
		}
	}
}
