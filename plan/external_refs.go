package plan

import (
	"cmp"
	"fmt"

	"fleet/spec"
)

// checkStep blocks what the server would refuse or ignore, before anything is sent.
func (c *planner) checkStep(s *Step, r *spec.Resource) {
	if s.Action.Creates() {
		c.checkExternalRefs(s, r)
	}
	c.checkVersion(s, r)
	c.checkCreation(s, r)
	c.checkEnlarge(s)
}

// checkVersion blocks what the server does not know: it would drop it without
// a word.
func (c *planner) checkVersion(s *Step, r *spec.Resource) {
	server := c.world.Facts.Version
	if server == (spec.Version{}) || s.Blocked != nil || s.Action == NoOp {
		return
	}
	if key, since := r.UnsupportedOn(server); key != "" {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s needs a server from %s on, and this one is %s", key, since, server), fmt.Sprintf("take %s out of %s", key, specPath(r))}
	}
}

// checkExternalRefs checks that what the sandbox is made of exists and is ready. A step
// that is blocked already keeps its reason.
func (c *planner) checkExternalRefs(s *Step, r *spec.Resource) {
	for _, use := range r.ExternalRefs {
		if s.Blocked != nil {
			return
		}
		found := c.objectsByName[use.Kind][use.Name]
		switch {
		case found == nil:
			s.Blocked = &Block{Illegal, fmt.Sprintf("there is no %s %q in the spec or in the organisation", use.Kind, use.Name), c.missingRefHint(use)}
		case use.Kind == spec.SnapshotKind && found.TargetState == "inactive":
			s.Blocked = &Block{Illegal, fmt.Sprintf("the snapshot %q is inactive", use.Name), "activate it, or declare it under snapshots: what a sandbox needs is activated"}
		case found.Failed || found.Deleting() || use.Kind == spec.SnapshotKind && found.TargetState != "active":
			s.Blocked = &Block{Illegal, fmt.Sprintf("the %s %q is in state %s", use.Kind, use.Name, found.State), fmt.Sprintf("create it again, or write another one in %s", specPath(r))}
		}
	}
}

// missingRefHint is the hint for a name that nothing has.
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

// indexByName finds objects by what a spec may call them: their name, and of volumes
// the id. The organisation's own go before the platform's.
func indexByName(w *World) map[spec.Kind]map[string]*Object {
	names := map[spec.Kind]map[string]*Object{}
	for _, kind := range []spec.Kind{spec.SnapshotKind, spec.VolumeKind} {
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
