package export

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// converge encodes, parses and plans the draft, and drops invalid attributes and those
// that the plan would change, until there are none. It returns the last plan.
func (d *draft) converge() (*plan.Plan, error) {
	for { // each round drops an attribute or resource or pins a version, so it ends
		var text bytes.Buffer
		if err := (spec.Encoder{Secret: spec.PlainSecret, HoistRegion: true, Environment: d.environment()}).Encode(&text, d.fleet()); err != nil {
			return nil, fmt.Errorf("writing the spec: %w", err)
		}
		f, err := spec.Options{Environment: d.environment()}.Parse(spec.Source{Name: "export", Text: text.Bytes()})
		if err != nil {
			if !d.dropInvalid(err) {
				return nil, fmt.Errorf("the organisation cannot be described by a spec: %w", err)
			}
			continue
		}
		if d.fixVersions(f) {
			continue
		}
		p, err := plan.Compute(f, d.world, plan.Options{
			// Undeclared objects are noted, and must not block the plan.
			AllowDestroy: len(d.world.Objects[spec.SandboxKind]) + len(d.world.Objects[spec.SnapshotKind]), AllowEnvironmentChange: true,
		})
		if err != nil {
			return nil, err
		}
		if !d.dropChanges(p) {
			return p, nil
		}
	}
}

// dropInvalid drops the attributes and resources that diagnostics point at. It reports
// whether it dropped any.
func (d *draft) dropInvalid(err error) bool {
	var diagnostics spec.Diagnostics
	if !errors.As(err, &diagnostics) {
		return false
	}
	changed := false
	for _, m := range diagnostics.Errors() { // a spec with warnings is valid
		for _, r := range slices.Clone(d.resources) {
			key, which := r.Group()
			rest, about := strings.CutPrefix(m.Path, r.Kind.Section()+"."+key)
			if !about || rest != "" && rest[0] != '.' || which != "" && r.GroupSize == 0 {
				continue
			}
			changed = d.omit(r, strings.TrimPrefix(rest, "."), m.Message) || changed
		}
	}
	return changed
}

// omit drops an attribute of a resource, or the resource if it requires the attribute.
// path is the path of the attribute or of a part of it, within the resource. omit
// reports whether it dropped anything.
func (d *draft) omit(r *spec.Resource, path, why string) bool {
	o := d.object(r)
	name := fmt.Sprintf("%s %q", r.Kind, r.Name())
	for _, a := range spec.Tables[r.Kind] {
		rest, about := strings.CutPrefix(path, a.Key)
		if _, isSet := r.Get(a.Key); !isSet || !about || rest != "" && !strings.ContainsAny(rest[:1], ".[") {
			continue
		}
		if a.Key == "name" || r.Kind == spec.SnapshotKind && a.Ref == spec.ImageKind {
			break
		}
		d.notes.add(name, "%s is left out: %s", a.Key, why)
		r.Clear(a.Key)
		return true
	}
	if path == "" || o == nil || path == "name" || r.Kind == spec.SnapshotKind {
		d.notes.add(name, "left out: %s", why)
		return d.dropResource(r)
	}
	return false
}

// dropResource drops a resource with all its copies.
func (d *draft) dropResource(r *spec.Resource) bool {
	key, _ := r.Group()
	before := len(d.resources)
	d.resources = slices.DeleteFunc(d.resources, func(x *spec.Resource) bool {
		other, _ := x.Group()
		return x.Kind == r.Kind && other == key
	})
	return len(d.resources) < before
}

// dropChanges drops what the plan would change. It reports whether it dropped anything.
func (d *draft) dropChanges(p *plan.Plan) bool {
	changed := false
	for _, s := range p.Steps {
		if s.Want == nil || s.Have == nil {
			continue
		}
		for _, c := range s.Changes {
			changed = d.dropChange(s, c) || changed
		}
		owned := s.Address.Kind == spec.SandboxKind && fleetKey(s.Have, d.fleetName) != ""
		if s.Blocked != nil && len(s.Changes) == 0 && !owned {
			changed = d.dropStepResource(s, s.Blocked.Reason) || changed
		}
	}
	for _, s := range p.Blocked() { // another object holds the name
		if s.Have == nil && s.Blocked.Kind == plan.Conflict {
			changed = d.dropStepResource(s, s.Blocked.Reason) || changed
		}
	}
	return changed
}

// dropStepResource drops the resource of a step.
func (d *draft) dropStepResource(s *plan.Step, why string) bool {
	for _, r := range d.resources {
		if r.Kind == s.Address.Kind && r.Name() == s.Name {
			d.notes.add(fmt.Sprintf("%s %q", r.Kind, r.Name()), "left out: %s", why)
			return d.dropResource(r)
		}
	}
	return false
}

// dropChange drops an attribute that a plan would change.
func (d *draft) dropChange(s *plan.Step, c plan.Change) bool {
	changed := false
	group, which := s.Want.Group()
	for _, r := range slices.Clone(d.resources) {
		base, _ := r.Group()
		if r.Kind != s.Address.Kind || base != group || which == "" && r.Key != group {
			continue
		}
		changed = d.omit(r, c.Attribute, fmt.Sprintf("a plan would change it from %s to %s", c.Have, c.Want)) || changed
		if isDerived(c.Attribute) {
			changed = d.dropSnapshots(r) || changed
		}
	}
	return changed
}

// isDerived reports whether an attribute of sandboxes is derived from the content of
// their snapshots.
func isDerived(key string) bool {
	return slices.ContainsFunc(spec.Tables[spec.SandboxKind], func(a *spec.Attribute) bool { return a.Role == spec.Derived && a.Key == key })
}

// dropSnapshots drops the snapshots of a sandbox, which then refers to undeclared ones.
func (d *draft) dropSnapshots(sandbox *spec.Resource) bool {
	before := len(d.resources)
	names := sandbox.References(spec.SnapshotKind)
	d.resources = slices.DeleteFunc(d.resources, func(r *spec.Resource) bool {
		return r.Kind == spec.SnapshotKind && slices.Contains(names, r.Name())
	})
	return len(d.resources) < before
}

// notePlan notes what a plan of the spec will do.
func (d *draft) notePlan(p *plan.Plan) {
	affected := map[string][]string{}
	surplus := map[string][]string{} // undeclared objects of the fleet, by action
	for _, s := range p.Steps {
		switch {
		case s.Action == plan.NoOp:
		case s.Want != nil && s.Blocked == nil && s.Action == plan.Adopt:
			affected["adopts"] = append(affected["adopts"], s.Name)
		case s.Want == nil:
			surplus[s.Action.String()] = append(surplus[s.Action.String()], s.Name)
		case s.Blocked != nil:
			d.notes.add(s.Address.String(), "a plan is blocked: %s", s.Blocked.Reason)
		case s.Action == plan.Update && len(s.Changes) == 0:
			affected["labels"] = append(affected["labels"], s.Name)
		default:
			affected["other"] = append(affected["other"], fmt.Sprintf("%s (%s)", s.Name, s.Action))
		}
	}
	if len(surplus) > 0 && d.opts.AppendTo == nil {
		var parts []string
		for _, what := range slices.Sorted(maps.Keys(surplus)) {
			parts = append(parts, fmt.Sprintf("%ss %s", what, listNames(surplus[what])))
		}
		d.notes.addGeneral("Careful: the fleet %s has more than this spec declares. A plan of it %s.", d.fleetName, plan.JoinAnd(parts))
	}
	if names := affected["other"]; len(names) > 0 {
		d.notes.addGeneral("A plan of the spec still has something to do: %s.", listNames(names))
	}
	if names := affected["labels"]; len(names) > 0 {
		d.notes.addGeneral("A plan of the spec writes only the labels of %s, which do not match their values.", listNames(names))
	}
	if names := affected["adopts"]; len(names) > 0 {
		d.notes.addGeneral("A plan of the spec adopts %s and changes nothing of %s; after that it is empty.", plan.Plural(len(names), "sandbox", "sandboxes"), plan.PluralWord(len(names), "it", "them"))
	}
	if name := d.environment(); name != "" && d.opts.AppendTo == nil {
		d.notes.addGeneral("The fleet belongs to the environment %s: plan the spec with -e %s.", name, name)
	}
	if len(affected)+len(surplus) == 0 && len(d.resources) > 0 {
		d.notes.addGeneral("A plan of the spec is empty.")
	}
}
