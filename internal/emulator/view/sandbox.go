package view

import (
	"fleet/internal/emulator/world"
)

// Sandbox returns a sandbox as GET shows it.
func (v Views) Sandbox(sb *world.Sandbox) map[string]any {
	m := v.common(sb)
	m["state"] = sb.EffectiveState()
	m["env"] = sb.Env
	m["volumes"] = sb.Volumes
	addNetwork(m, sb)
	if sb.BackupCreatedAt != nil {
		m["backupCreatedAt"] = sb.BackupCreatedAt
	}
	if sb.BuildInfo != nil {
		m["buildInfo"] = sb.BuildInfo
	}
	if sb.LinkedSandboxID != nil {
		m["linkedSandboxId"] = sb.LinkedSandboxID
	}
	if v.Version == world.Version190 {
		return m
	}
	addNewer(m, sb)
	if sb.OutboundProxyURL != nil {
		m["outboundProxyUrl"] = sb.OutboundProxyURL
	}
	if sb.OtelEndpoint != nil {
		m["otelEndpointOverride"] = sb.OtelEndpoint
	}
	return m
}

// Created returns the response to a creation, which omits null fields.
func (v Views) Created(sb *world.Sandbox) map[string]any {
	m := v.Sandbox(sb)
	for _, key := range []string{"networkAllowList", "domainAllowList", "errorReason", "daemonVersion", "snapshot", "runnerId"} {
		if isNull(m[key]) {
			delete(m, key)
		}
	}
	return m
}

// Deleted returns the response to a deletion, which omits the last activity.
func (v Views) Deleted(sb *world.Sandbox) map[string]any {
	m := v.Sandbox(sb)
	delete(m, "lastActivityAt")
	return m
}

// Listed returns a sandbox as an item of the cursor list.
func (v Views) Listed(sb *world.Sandbox) map[string]any {
	m := v.common(sb)
	m["state"] = sb.ListedState()
	if v.Version != world.Version190 {
		addNetwork(m, sb)
		addNewer(m, sb)
	}
	return m
}

// common returns the fields that GET and the cursor list share.
func (v Views) common(sb *world.Sandbox) map[string]any {
	m := map[string]any{
		"id": sb.ID, "organizationId": sb.OrganizationID, "name": sb.Name, "target": sb.Target, "snapshot": sb.Snapshot,
		"user": sb.User, "cpu": sb.CPU, "gpu": sb.GPU, "memory": sb.Memory, "disk": sb.Disk, "public": sb.Public,
		"labels": sb.Labels, "desiredState": sb.DesiredState, "errorReason": sb.ErrorReason, "recoverable": sb.Recoverable,
		"backupState": sb.BackupState, "autoStopInterval": sb.AutoStop, "autoArchiveInterval": sb.AutoArchive,
		"autoDeleteInterval": sb.AutoDelete, "sandboxClass": sb.Class, "createdAt": sb.CreatedAt, "updatedAt": sb.UpdatedAt,
		"lastActivityAt": sb.LastActivityAt, "daemonVersion": sb.DaemonVersion, "toolboxProxyUrl": v.ToolboxProxy,
	}
	// The field is absent before a build has a runner, and null if the sandbox is archived.
	if sb.RunnerID != nil || sb.State != world.StatePendingBuild {
		m["runnerId"] = sb.RunnerID
	}
	if sb.GPUType != nil {
		m["gpuType"] = *sb.GPUType
	}
	return m
}

// addNetwork adds the network settings.
func addNetwork(m map[string]any, sb *world.Sandbox) {
	m["networkBlockAll"] = sb.NetworkBlockAll
	m["networkAllowList"] = sb.NetworkAllowList
	m["domainAllowList"] = sb.DomainAllowList
}

// addNewer adds the fields that 0.205 introduced, each only if it is set.
func addNewer(m map[string]any, sb *world.Sandbox) {
	if sb.AutoPause != nil {
		m["autoPauseInterval"] = *sb.AutoPause
	}
	if sb.AutoDestroyAt != nil {
		m["autoDestroyAt"] = sb.AutoDestroyAt
	}
	if sb.Spot != nil {
		m["spot"] = *sb.Spot
	}
}

// isNull reports whether a field would be null in JSON.
func isNull(v any) bool {
	p, ok := v.(*string)
	return v == nil || ok && p == nil
}
