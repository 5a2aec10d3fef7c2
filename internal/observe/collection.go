package observe

import "fleet/spec"

// Collection returns the path of the API under which the objects of a kind are,
// without a slash at either end.
func Collection(kind spec.Kind) string {
	return map[spec.Kind]string{spec.SandboxKind: "sandbox", spec.SnapshotKind: "snapshots", spec.VolumeKind: "volumes"}[kind]
}
