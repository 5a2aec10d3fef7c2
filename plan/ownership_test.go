package plan

import (
	"testing"

	"fleet/spec"
)

// TestManagedIsSecond: labels of fleet decide before those of other tools.
func TestManagedIsSecond(t *testing.T) {
	f := parse(t, "sandboxes: {web: {snapshot: s}}")
	for name, c := range map[string]struct {
		labels map[string]string
		want   Ownership
	}{
		"own":             {map[string]string{spec.FleetLabel: fleetName, spec.KeyLabel: "web", "managed-by": "ops"}, Ownership{Own, fleetName, "web"}},
		"other sibling":   {map[string]string{spec.FleetLabel: fleetName, spec.KeyLabel: "web", "app.kubernetes.io/managed-by": "helm"}, Ownership{Own, fleetName, "web"}},
		"other fleet":     {map[string]string{spec.FleetLabel: "b", spec.KeyLabel: "web", "managed_by": "ops"}, Ownership{OfOther, "b", ""}},
		"tool":            {map[string]string{"managed_by": "ops"}, Ownership{OfTool, "ops", ""}},
		"fleet as tool":   {map[string]string{"managed-by": "fleet"}, Ownership{}},
		"no key":          {map[string]string{spec.FleetLabel: fleetName, "managed-by": "ops"}, Ownership{Copy, fleetName, ""}},
		"fork":            {map[string]string{spec.FleetLabel: fleetName, spec.KeyLabel: "web", spec.SelfLabel: "elsewhere"}, Ownership{Copy, fleetName, ""}},
		"fork of another": {map[string]string{spec.FleetLabel: "b", spec.KeyLabel: "web", spec.SelfLabel: "elsewhere"}, Ownership{Copy, "b", ""}},
		"no fleet":        {map[string]string{spec.KeyLabel: "web", spec.SelfLabel: "elsewhere"}, Ownership{}},
	} {
		o := &Object{Object: spec.Object{Labels: c.labels}, Name: "web", ID: "1", State: "started", Next: "started"}
		w := &World{Sandboxes: []*Object{o}}
		if got := w.Ownerships(f)[o]; got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// TestOurs: what a fleet owns is its own, whatever else there is of it.
func TestOurs(t *testing.T) {
	for role := OfNobody; role <= Spare; role++ {
		same(t, "ours", Ownership{Role: role}.Ours(), role == Own || role == Double || role == Spare)
	}
}
