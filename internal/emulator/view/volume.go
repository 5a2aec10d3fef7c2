package view

import "fleet/internal/emulator/world"

// Volume returns a volume as every response shows it.
func Volume(v *world.Volume) map[string]any {
	m := map[string]any{
		"id": v.ID, "name": v.Name, "organizationId": v.OrganizationID, "state": v.State,
		"createdAt": v.CreatedAt, "updatedAt": v.UpdatedAt, "errorReason": v.ErrorReason,
	}
	if v.LastUsedAt != nil {
		m["lastUsedAt"] = v.LastUsedAt
	}
	return m
}
