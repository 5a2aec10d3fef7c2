package doctor

import (
	"fmt"
	"slices"

	"fleet/internal/foreign"
	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// sandboxes looks at those of the fleet.
func (d *diagnosis) sandboxes() {
	report, _ := gc.Collect(d.fleet, d.exam.World, nil, gc.Options{Now: d.exam.Now})
	var failed []gc.Remark
	for _, o := range d.exam.World.Sandboxes {
		if s := d.whose[o]; s.Ours() && o.Failed && !o.Leaving() {
			failed = append(failed, d.remark(spec.Address{Kind: spec.SandboxKind, Key: s.Key}, o))
		}
	}
	d.objects("errored", "fleet apply recovers or replaces them", failed, "sandboxes in an error state")
	d.objects("stuck", "see their pages in the Daytona dashboard; what is stuck may have to be deleted there", report.Stuck, "objects that are on their way for too long")
	d.objects("duplicates", "fleet gc --duplicates collects them", report.Duplicates, "sandboxes with the labels of another one")
	if len(failed)+len(report.Stuck)+len(report.Duplicates) == 0 {
		d.add("sandboxes", OK, "", "%s, %s started", plan.Grouped(report.Fleet.Count), plan.Grouped(report.Fleet.Started))
	}
}

// others looks at the snapshots and volumes that the spec speaks of.
func (d *diagnosis) others() {
	var failed, inactive []gc.Remark
	used := map[spec.Use]bool{}
	for _, r := range d.fleet.Resources {
		for _, use := range r.Uses {
			used[use] = true
		}
	}
	for _, kind := range []spec.Kind{spec.SnapshotKind, spec.VolumeKind} {
		declared := d.fleet.Named(kind)
		for _, o := range d.exam.World.Of(kind) {
			a, speaks := spec.Address{Kind: kind, Key: o.Name}, used[spec.Use{Kind: kind, Name: o.Name}]
			if r := declared[o.Name]; r != nil && !o.Shared {
				a, speaks = r.Address, true
			}
			switch {
			case !speaks:
			case o.Failed:
				failed = append(failed, d.remark(a, o))
			case o.State == "inactive" && !d.meant(a):
				inactive = append(inactive, d.remark(a, o))
			}
		}
	}
	slices.SortFunc(failed, byAddress)
	slices.SortFunc(inactive, byAddress)
	d.objects("broken", "fleet apply replaces those of the spec", failed, "snapshots and volumes in an error state")
	d.objects("inactive", "fleet apply activates those of the spec when a sandbox needs them", inactive, "snapshots that sandboxes cannot be made from")
}

func byAddress(a, b gc.Remark) int { return spec.CompareKeys(string(a.Address), string(b.Address)) }

// meant reports whether the spec wants the snapshot inactive.
func (d *diagnosis) meant(a spec.Address) bool {
	return slices.ContainsFunc(d.fleet.Resources, func(r *spec.Resource) bool {
		active, managed := r.Active()
		return r.Address == a && managed && !active
	})
}

func (d *diagnosis) remark(a spec.Address, o *plan.Object) gc.Remark {
	note := o.State
	if o.ErrorReason != "" {
		note += ": " + d.fleet.Redact(string(o.ErrorReason))
	}
	return gc.Remark{Address: foreign.Text(a.String()), Name: foreign.Text(o.Name), ID: foreign.Text(o.ID), Note: foreign.Text(note)}
}

// objects adds a finding about objects, if there are any.
func (d *diagnosis) objects(name, hint string, list []gc.Remark, what string) {
	if len(list) > 0 {
		d.add(name, Finding, hint, "%s", fmt.Sprintf("%s: %s", what, plan.Grouped(len(list)))).Objects = list
	}
}
