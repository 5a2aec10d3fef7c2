// Package v1alpha1 holds the objects by which fleets are declared in Kubernetes.
//
// +kubebuilder:object:generate=true
// +groupName=daytona.fleet
package v1alpha1
