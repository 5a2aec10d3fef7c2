package plan

import (
	"cmp"
	"fmt"

	"fleet/internal/state"
	"fleet/spec"
)

// checkStep blocks a step that the server would refuse or partly ignore, before
// anything is sent.
func (c *planner) checkStep(s *Step, r *spec.Resource) {
	if s.Action.Creates() {
		c.checkExternalRefs(s, r)
	}
	c.checkVersion(s, r)
	c.checkCreation(s, r)
	c.checkEnlarge(s)
}

// checkVersion blocks a step with an attribute that only newer servers support: an
// older one drops it silently.
func (c *planner) checkVersion(s *Step, r *spec.Resource) {
	server := c.world.Facts.Version
	if server == (spec.Version{}) || s.Blocked != nil || s.Action == NoOp {
		return
	}
	if key, since := r.UnsupportedOn(server); key != "" {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s needs a server from %s on, and this one is %s", key, since, server), fmt.Sprintf("take %s out of %s", key, specPath(r))}
	}
}

// checkExternalRefs blocks a sandbox that refers to a snapshot or volume outside of
// the spec which does not exist or is not ready. A blocked step keeps its reason.
func (c *planner) checkExternalRefs(s *Step, r *spec.Resource) {
	for _, use := range r.ExternalRefs {
		if s.Blocked != nil {
			return
		}
		found := c.objectsByName[use.Kind][use.Name]
		switch {
		case found == nil:
			s.Blocked = &Block{Illegal, fmt.Sprintf("there is no %s %q in the spec or in the organisation", use.Kind, use.Name), c.missingRefHint(use)}
		case use.Kind == spec.SnapshotKind && found.TargetState == state.Inactive:
			s.Blocked = &Block{Illegal, fmt.Sprintf("the snapshot %q is inactive", use.Name), "activate it, or declare it under snapshots: what a sandbox needs is activated"}
		case found.Failed || found.Deleting() || use.Kind == spec.SnapshotKind && found.TargetState != state.Active:
			s.Blocked = &Block{Illegal, fmt.Sprintf("the %s %q is in state %s", use.Kind, use.Name, found.State), fmt.Sprintf("create it again, or write another one in %s", specPath(r))}
		}
	}
}

// missingRefHint returns the hint for a reference to an object that does not exist.
func (c *planner) missingRefHint(use spec.ExternalRef) string {
	var names []string
	for _, o := range c.world.Objects[use.Kind] {
		names = append(names, o.Name)
	}
	for _, r := range c.fleet.OfKind(use.Kind) {
		names = append(names, r.Key)
	}
	return cmp.Or(spec.DidYouMean(use.Name, names), fmt.Sprintf("declare it under %s, or create it", use.Kind.Section()))
}

// indexByName indexes snapshots and volumes by the names by which a spec may refer to
// them: their name and, for volumes, also their id. The organization's own snapshots
// take precedence over shared ones.
func indexByName(w *World) map[spec.Kind]map[string]*Object {
	names := map[spec.Kind]map[string]*Object{}
	for _, kind := range spec.NamedKinds {
		names[kind] = map[string]*Object{}
		for _, o := range w.Objects[kind] {
			if names[kind][o.Name] == nil || !o.Shared {
				names[kind][o.Name] = o
			}
			if kind == spec.VolumeKind && names[kind][o.ID] == nil {
				names[kind][o.ID] = o
			}
		}
	}
	return names
}
