package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Fleet declares a fleet of Daytona sandboxes with their images, snapshots and volumes.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=daytona
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Sandboxes",type=string,JSONPath=`.status.sandboxes`
// +kubebuilder:printcolumn:name="Changes",type=integer,JSONPath=`.status.plan.changes`
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Fleet struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec FleetSpec `json:"spec"`
	// +optional
	Status FleetStatus `json:"status,omitempty"`
}

// FleetList is a list of fleets.
//
// +kubebuilder:object:root=true
type FleetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Fleet `json:"items"`
}

// FleetSpec is what a user wants. The fleet is declared in the field fleet, in ConfigMaps, or
// in both.
//
// +kubebuilder:validation:XValidation:rule="has(self.fleet) || has(self.fleetFrom)",message="declare the fleet in fleet, or name ConfigMaps in fleetFrom"
type FleetSpec struct {
	// Fleet is the spec of the fleet, with the keys of a fleet.yaml file. It is replaced as a
	// whole by each apply.
	//
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	Fleet *runtime.RawExtension `json:"fleet,omitempty"`

	// FleetFrom names ConfigMaps of the same namespace whose keys are files of the spec. Keys
	// that end in .yaml or .yml are parts of the spec, unless files selects some; parts may
	// include other keys by their name.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	FleetFrom []FleetSource `json:"fleetFrom,omitempty"`

	// Environment is the environment of the spec to apply. Empty applies none.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Environment string `json:"environment,omitempty"`

	// Variables are the values of variables that the spec declares under vars.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=256
	Variables []Value `json:"variables,omitempty"`

	// Env are the environment variables that the spec may read, with from_env and
	// ${env.NAME}. It reads no others.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=256
	Env []Value `json:"env,omitempty"`

	// Server is the Daytona to which the fleet belongs.
	Server Server `json:"server"`

	// Mode is how far the operator may go. observe reports drift and changes nothing; repair
	// creates what is missing and changes in place, and deletes and replaces nothing; enforce
	// applies the whole plan. Empty means enforce.
	//
	// +optional
	// +kubebuilder:validation:Enum=observe;repair;enforce
	Mode Mode `json:"mode,omitempty"`

	// Interval is the longest time between two comparisons with the server, at least 1m.
	// Changes of the object and events of the platform are handled at once. Empty means
	// 1h while the platform's events are received, and 5m otherwise.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == '' || duration(self) >= duration('1m')",message="interval must be at least 1m"
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(h|m|s))*$`
	Interval string `json:"interval,omitempty"`

	// Suspend stops all changes and comparisons until it is false again. A fleet that is
	// deleted meanwhile waits.
	//
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// AllowDestroy is how many objects each plan may delete or replace. Plans that would
	// destroy more wait for an approval by annotation.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	AllowDestroy int32 `json:"allowDestroy,omitempty"`

	// DeletionPolicy is what happens to the fleet's sandboxes and snapshots when this object
	// is deleted. Orphan keeps them, Delete deletes them, regardless of mode and allowDestroy;
	// volumes and what the spec protects are always kept. Empty means Orphan.
	//
	// +optional
	// +kubebuilder:validation:Enum=Delete;Orphan
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// A Mode is how far the operator may go.
type Mode string

// The modes. The zero Mode is ModeEnforce.
const (
	ModeObserve Mode = "observe"
	ModeRepair  Mode = "repair"
	ModeEnforce Mode = "enforce"
)

// A DeletionPolicy is what happens to a fleet whose object is deleted.
type DeletionPolicy string

// The deletion policies. The zero DeletionPolicy is DeletionOrphan.
const (
	DeletionDelete DeletionPolicy = "Delete"
	DeletionOrphan DeletionPolicy = "Orphan"
)

// A FleetSource is a ConfigMap with parts of a spec.
type FleetSource struct {
	// ConfigMap is the name of a ConfigMap in the namespace of the object.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ConfigMap string `json:"configMap"`

	// Files are the keys that are parts of the spec, in order. The other keys may be
	// included, or copied into images. Empty means all keys that end in .yaml or .yml.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=253
	Files []string `json:"files,omitempty"`
}

// A Value is a named value, given directly or from a key of a Secret or ConfigMap.
//
// +kubebuilder:validation:XValidation:rule="has(self.value) != has(self.valueFrom)",message="set value or valueFrom, and not both"
type Value struct {
	// Name is the name of the variable.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Value is the value. Variables that are lists or maps are read as YAML.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Value *string `json:"value,omitempty"`

	// ValueFrom is where the value comes from.
	//
	// +optional
	ValueFrom *ValueSource `json:"valueFrom,omitempty"`
}

// A ValueSource is a key of a Secret or a ConfigMap in the namespace of the object. What
// comes from a Secret is sensitive wherever the spec uses it.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretKeyRef) != has(self.configMapKeyRef)",message="set secretKeyRef or configMapKeyRef, and not both"
type ValueSource struct {
	// +optional
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`
	// +optional
	ConfigMapKeyRef *KeyRef `json:"configMapKeyRef,omitempty"`
}

// A KeyRef is a key of an object in the same namespace.
type KeyRef struct {
	// Name is the name of the object.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Key is the key in its data.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// A Server is a Daytona and the credentials for it.
type Server struct {
	// URL is the URL of the API. Empty means the hosted service.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^(https?://.+)?$`
	URL string `json:"url,omitempty"`

	// Target is the region of sandboxes for which the spec sets none. Empty means the
	// default of the organization.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Target string `json:"target,omitempty"`

	// Credentials is the Secret with the API key.
	Credentials Credentials `json:"credentials"`
}

// Credentials is a Secret with an API key.
type Credentials struct {
	// Secret is the name of a Secret in the namespace of the object.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Secret string `json:"secret"`

	// Key is the key of the Secret that holds the API key. Empty means apiKey.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}
