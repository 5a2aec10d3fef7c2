package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Annotations by which users control an object.
const (
	// ApproveAnnotation approves the plan whose digest it holds, once.
	ApproveAnnotation = Group + "/approve"

	// DryRunAnnotation, with the value "true", makes plans and applies none.
	DryRunAnnotation = Group + "/dry-run"

	// ReconcileAnnotation asks for a comparison with the server each time its value changes.
	ReconcileAnnotation = Group + "/reconcile-at"
)

// Finalizer keeps an object until its deletion policy was carried out.
const Finalizer = Group + "/fleet"

// FleetStatus is what the operator knows of a fleet.
type FleetStatus struct {
	// ObservedGeneration is the generation of the object that the status is about.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions are the state of the fleet. Their types and reasons are listed below.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// Fleet is the name of the fleet that the object declares. No other object may declare the
	// same fleet for the same organization.
	//
	// +optional
	Fleet string `json:"fleet,omitempty"`

	// FormerFleets are the former names of the fleet, whose sandboxes it owns, too.
	//
	// +optional
	// +listType=atomic
	FormerFleets []string `json:"formerFleets,omitempty"`

	// Organization is the id of the organization, or while it is unknown, a digest of server
	// and key.
	//
	// +optional
	Organization string `json:"organization,omitempty"`

	// Server is the URL of the API.
	//
	// +optional
	Server string `json:"server,omitempty"`

	// Sandboxes is the number of sandboxes that match the spec, of those that are declared,
	// such as 3/5.
	//
	// +optional
	Sandboxes string `json:"sandboxes,omitempty"`

	// Objects counts what exists, by kind and state.
	//
	// +optional
	// +listType=atomic
	Objects []ObjectCount `json:"objects,omitempty"`

	// Plan is the last plan.
	//
	// +optional
	Plan *PlanStatus `json:"plan,omitempty"`

	// LastComparison is when the fleet was last compared with the server. While there is
	// nothing to change, it is written every 15 minutes at most.
	//
	// +optional
	LastComparison *metav1.Time `json:"lastComparison,omitempty"`

	// HandledReconcileAt is the last value of the annotation reconcile-at that was handled.
	//
	// +optional
	HandledReconcileAt string `json:"handledReconcileAt,omitempty"`
}

// An ObjectCount is a number of objects of one kind in one state.
type ObjectCount struct {
	Kind  string `json:"kind"`
	State string `json:"state"`
	Count int32  `json:"count"`
}

// A PlanStatus is the summary of a plan.
type PlanStatus struct {
	// Digest identifies the plan; it is what an approval names.
	//
	// +optional
	Digest string `json:"digest,omitempty"`

	// Changes is the number of steps that change something.
	Changes int32 `json:"changes"`

	// Blocked is the number of them that wait.
	//
	// +optional
	Blocked int32 `json:"blocked,omitempty"`

	// Summary is the plan in one line.
	//
	// +optional
	Summary string `json:"summary,omitempty"`

	// Needs states what an approval decides about. Empty if none is needed.
	//
	// +optional
	Needs string `json:"needs,omitempty"`

	// ConfigMap is the name of the ConfigMap that holds the whole plan. Empty if there is
	// nothing to change.
	//
	// +optional
	ConfigMap string `json:"configMap,omitempty"`
}
