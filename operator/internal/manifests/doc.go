// Package manifests tests the installation in a cluster: the definition of fleets, the
// kustomization and the chart. It is a module of its own, since Kustomize and Helm are
// needed by nothing else.
package manifests
