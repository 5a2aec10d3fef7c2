package view

import "fleet/internal/emulator/world"

// Snapshot returns a snapshot as every response shows it.
func (v Views) Snapshot(sn *world.Snapshot) map[string]any {
	m := map[string]any{
		"id": sn.ID, "organizationId": sn.OrganizationID, "general": sn.General, "name": sn.Name, "imageName": sn.ImageName,
		"state": sn.State, "size": sn.Size, "entrypoint": sn.Entrypoint, "cpu": sn.CPU, "gpu": sn.GPU, "mem": sn.Mem,
		"disk": sn.Disk, "errorReason": sn.ErrorReason, "createdAt": sn.CreatedAt, "updatedAt": sn.UpdatedAt,
		"lastUsedAt": sn.LastUsedAt, "regionIds": sn.RegionIDs, "sandboxClass": sn.Class,
	}
	if sn.GPUType != nil {
		m["gpuType"] = *sn.GPUType
	}
	if sn.BuildInfo != nil {
		m["buildInfo"] = sn.BuildInfo
	}
	if sn.InitialRunnerID != nil {
		m["initialRunnerId"] = sn.InitialRunnerID
	}
	if sn.Ref != nil {
		m["ref"] = sn.Ref
	}
	if v.Version != world.Version190 {
		m["sourceSandboxId"] = sn.SourceSandboxID
	}
	return m
}
