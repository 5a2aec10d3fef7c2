package manifests

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"fleet/operator/api/v1alpha1"
)

// A statusSample is a status that the operator writes, and what others make of it.
type statusSample struct {
	name     string
	observed int64
	fleet    v1alpha1.FleetStatus
	suspend  bool
	kstatus  status.Status
	argo     string
}

// conditions returns a status with conditions that are True. Ready is False if it is not
// among them.
func conditions(kinds ...string) v1alpha1.FleetStatus {
	list := []metav1.Condition{}
	for _, kind := range kinds {
		list = append(list, metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: "Reason", Message: "why"})
	}
	if !slices.Contains(kinds, v1alpha1.Ready) {
		list = append(list, metav1.Condition{Type: v1alpha1.Ready, Status: metav1.ConditionFalse, Reason: "Reason", Message: "why"})
	}
	return v1alpha1.FleetStatus{Conditions: list}
}

var statusSamples = []statusSample{
	{"matches the spec", 2, conditions(v1alpha1.Ready), false, status.CurrentStatus, "Healthy"},
	{"edited a moment ago", 1, conditions(v1alpha1.Ready), false, status.InProgressStatus, "Progressing"},
	{"being applied", 2, conditions(v1alpha1.Reconciling, v1alpha1.Planned), false, status.InProgressStatus, "Progressing"},
	{"server unreachable", 2, conditions(v1alpha1.Reconciling, v1alpha1.Degraded), false, status.InProgressStatus, "Degraded"},
	{"waits for an approval", 2, conditions(v1alpha1.Blocked, v1alpha1.Planned), false, status.InProgressStatus, "Suspended"},
	{"suspended", 2, conditions(), true, status.InProgressStatus, "Suspended"},
	{"wrong spec", 2, conditions(v1alpha1.Stalled), false, status.FailedStatus, "Degraded"},
}

// object returns the object with the status.
func (s statusSample) object(t *testing.T) map[string]any {
	t.Helper()
	f := &v1alpha1.Fleet{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Fleet"},
		ObjectMeta: metav1.ObjectMeta{Name: "demo", Generation: 2},
		Spec:       v1alpha1.FleetSpec{Suspend: s.suspend}, Status: s.fleet,
	}
	f.Status.ObservedGeneration = s.observed
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(f)
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// Flux and other tools that follow kstatus understand the conditions of a fleet.
func TestConditionsAreKstatus(t *testing.T) {
	for _, s := range statusSamples {
		got, err := status.Compute(&unstructured.Unstructured{Object: s.object(t)})
		if err != nil || got.Status != s.kstatus {
			t.Errorf("%s: %v, %v, want %v", s.name, got, err, s.kstatus)
		}
	}
}
