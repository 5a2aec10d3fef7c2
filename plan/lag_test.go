package plan

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

// TestLag computes plans from outdated lists and checks which steps are stale once each
// object is read before it is changed: an object that the fleet no longer owns, or that
// is protected now, must not be changed.
func TestLag(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		p := mustCompute(f, w, opts)
		for _, s := range p.Steps {
			if s.Have == nil || s.Address.Kind != spec.SandboxKind {
				continue
			}
			now := *s.Have
			now.Labels = maps.Clone(s.Have.Labels)
			happening := oneOf(rt, s.Address.String(), "nothing", "relabelled by hand", "state", "taken", "unowned", "moved", "protected", "renamed", "shared")
			since(&now, happening)
			untouchable := slices.Contains([]string{"taken", "unowned", "moved", "renamed", "shared"}, happening) && !maps.Equal(now.Labels, s.Have.Labels) ||
				now.Name != s.Have.Name || now.Shared || happening == "protected" && s.Have.Labels[spec.ProtectLabel] != "true"
			if stale := s.StaleReason(&now); (stale != "") != untouchable {
				rt.Fatalf("%s: stale is %q after %s", line(s), stale, happening)
			}
		}
	})
}

// since changes an object as an event after the list was read would.
func since(o *Object, happening string) {
	if o.Labels == nil {
		o.Labels = map[string]string{}
	}
	switch happening {
	case "relabelled by hand":
		o.Labels["team"] = "b"
	case "state":
		o.State, o.TargetState = spec.Stopped, spec.Stopped
	case "taken":
		o.Labels[spec.FleetLabel] = "rival"
	case "unowned":
		o.Labels = spec.WithoutFleetLabels(o.Labels)
	case "moved":
		o.Labels[spec.KeyLabel] = "elsewhere"
	case "protected":
		o.Labels[spec.ProtectLabel] = "true"
	case "renamed":
		o.Name += "-2"
	case "shared":
		o.Shared = true
	}
}
