package plan

import (
	"testing"

	"fleet/spec"
)

// The labels of fleet take precedence over those of other tools.
func TestFleetLabelsTakePrecedence(t *testing.T) {
	f := parse(t, "sandboxes: {web: {snapshot: s}}")
	for name, c := range map[string]struct {
		labels map[string]string
		want   Ownership
	}{
		"own":             {map[string]string{spec.FleetLabel: fleetName, spec.KeyLabel: "web", "managed-by": "ops"}, Ownership{RoleOwned, fleetName, "web"}},
		"other sibling":   {map[string]string{spec.FleetLabel: fleetName, spec.KeyLabel: "web", "app.kubernetes.io/managed-by": "helm"}, Ownership{RoleOwned, fleetName, "web"}},
		"other fleet":     {map[string]string{spec.FleetLabel: "b", spec.KeyLabel: "web", "managed_by": "ops"}, Ownership{RoleOtherFleet, "b", ""}},
		"tool":            {map[string]string{"managed_by": "ops"}, Ownership{RoleTool, "ops", ""}},
		"fleet as tool":   {map[string]string{"managed-by": "fleet"}, Ownership{}},
		"no key":          {map[string]string{spec.FleetLabel: fleetName, "managed-by": "ops"}, Ownership{RoleCopy, fleetName, ""}},
		"fork":            {map[string]string{spec.FleetLabel: fleetName, spec.KeyLabel: "web", spec.NameDigestLabel: "elsewhere"}, Ownership{RoleCopy, fleetName, ""}},
		"fork of another": {map[string]string{spec.FleetLabel: "b", spec.KeyLabel: "web", spec.NameDigestLabel: "elsewhere"}, Ownership{RoleCopy, "b", ""}},
		"no fleet":        {map[string]string{spec.KeyLabel: "web", spec.NameDigestLabel: "elsewhere"}, Ownership{}},
	} {
		o := &Object{Object: spec.Object{Labels: c.labels}, Name: "web", ID: "1", State: "started", TargetState: "started"}
		w := &World{Objects: Objects{spec.SandboxKind: {o}}}
		if got := w.Ownerships(f)[o]; got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// A fleet owns its sandboxes regardless of duplicates, copies and leftovers.
func TestFleetOwnsItsSandboxes(t *testing.T) {
	for role := RoleUnowned; role <= RoleSurgeLeftover; role++ {
		same(t, "ours", Ownership{Role: role}.Owned(), role == RoleOwned || role == RoleDuplicate || role == RoleSurgeLeftover)
	}
}
