package doctor

import (
	"fmt"
	"slices"

	"fleet/internal/foreign"
	"fleet/internal/gc"
	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

// sandboxes checks the sandboxes of the fleet.
func (d *diagnosis) sandboxes() {
	report, _ := gc.Collect(d.fleet, d.observed.World, nil, gc.Options{Now: d.observed.Now})
	var failed []gc.Remark
	for _, o := range d.observed.World.Objects[spec.SandboxKind] {
		if s := d.ownerships[o]; s.Owned() && o.Failed && !o.Deleting() {
			failed = append(failed, d.remark(spec.Address{Kind: spec.SandboxKind, Key: s.Key}, o))
		}
	}
	d.objects("errored", "fleet apply recovers or replaces them", failed, "sandboxes in an error state")
	d.objects("stuck", "see their pages in the Daytona dashboard; what is stuck may have to be deleted there", report.Stuck, "objects that are on their way for too long")
	d.objects("duplicates", "fleet gc --duplicates collects them", report.Duplicates, "sandboxes with the labels of another one")
	if len(failed)+len(report.Stuck)+len(report.Duplicates) == 0 {
		d.add("sandboxes", OK, "", "%s, %s started", plan.FormatInt(report.Fleet.Count), plan.FormatInt(report.Fleet.Started))
	}
}

// snapshotsAndVolumes checks the snapshots and volumes that the spec declares or uses.
func (d *diagnosis) snapshotsAndVolumes() {
	var failed, inactive []gc.Remark
	used := map[spec.ExternalRef]bool{}
	for _, r := range d.fleet.Resources {
		for _, use := range r.ExternalRefs {
			used[use] = true
		}
	}
	for _, kind := range spec.NamedKinds {
		declared := d.fleet.ByName(kind)
		for _, o := range d.observed.World.Objects[kind] {
			a, referenced := spec.Address{Kind: kind, Key: o.Name}, used[spec.ExternalRef{Kind: kind, Name: o.Name}]
			if r := declared[o.Name]; r != nil && !o.Shared {
				a, referenced = r.Address, true
			}
			switch {
			case !referenced:
			case o.Failed:
				failed = append(failed, d.remark(a, o))
			case o.State == state.Inactive && !d.wantsInactive(a):
				inactive = append(inactive, d.remark(a, o))
			}
		}
	}
	slices.SortFunc(failed, compareAddress)
	slices.SortFunc(inactive, compareAddress)
	d.objects("broken", "fleet apply replaces those of the spec", failed, "snapshots and volumes in an error state")
	d.objects("inactive", "fleet apply activates those of the spec when a sandbox needs them", inactive, "snapshots that sandboxes cannot be made from")
}

// compareAddress compares the addresses of two remarks.
func compareAddress(a, b gc.Remark) int {
	return spec.CompareKeys(string(a.Address), string(b.Address))
}

// wantsInactive reports whether the spec wants the snapshot inactive.
func (d *diagnosis) wantsInactive(a spec.Address) bool {
	return slices.ContainsFunc(d.fleet.Resources, func(r *spec.Resource) bool {
		active, managed := r.Active()
		return r.Address == a && managed && !active
	})
}

// remark returns a remark about the state of an object. Secrets in the words of the
// server are redacted.
func (d *diagnosis) remark(a spec.Address, o *plan.Object) gc.Remark {
	note := o.State
	if o.ErrorReason != "" {
		note += ": " + d.fleet.Redact(string(o.ErrorReason))
	}
	return gc.Remark{Address: foreign.Text(a.String()), Name: foreign.Text(o.Name), ID: foreign.Text(o.ID), Note: foreign.Text(note)}
}

// objects adds a finding for a list of objects, unless the list is empty.
func (d *diagnosis) objects(name, hint string, list []gc.Remark, what string) {
	if len(list) > 0 {
		d.add(name, Finding, hint, "%s", fmt.Sprintf("%s: %s", what, plan.FormatInt(len(list)))).Objects = list
	}
}
