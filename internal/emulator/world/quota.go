package world

import (
	"slices"
	"strings"
)

const (
	perSandboxHelp = "Need higher resource limits per-sandbox? Contact us at support@daytona.io and let us know about your use case."
	archiveHelp    = "Consider archiving your unused Sandboxes to free up available storage."
	upgradeHelp    = "To increase concurrency limits, upgrade your organization's Tier by visiting " + DashboardURL + "/limits."
)

// CheckQuota returns an error if the organisation cannot have a sandbox of this size,
// with a number of GPUs, in a region in addition to its current usage. except is a
// sandbox whose usage is ignored, because it is being changed; nil means none.
func (w *World) CheckQuota(region string, want Sizes, gpus int, except *Sandbox) error {
	if err := w.CheckSize(want, gpus); err != nil {
		return err
	}
	q := w.Org.Quota
	if q.CPU == 0 && q.Memory == 0 && q.Disk == 0 {
		return nil
	}
	used := w.Usage(region, except)
	switch {
	case exceeds(used.CPU+want.CPU, q.CPU):
		return BadRequest("Total CPU limit exceeded. Maximum allowed: %d.\n%s", q.CPU, upgradeHelp)
	case exceeds(used.Memory+want.Memory, q.Memory):
		return BadRequest("Total memory limit exceeded. Maximum allowed: %dGiB.\n%s", q.Memory, upgradeHelp)
	case exceeds(used.Disk+want.Disk, q.Disk):
		return BadRequest("Total disk limit exceeded. Maximum allowed: %dGiB.\n%s\n%s", q.Disk, archiveHelp, upgradeHelp)
	}
	return nil
}

// CheckGPU returns an error if the region allows none of the requested GPU types.
func (w *World) CheckGPU(count int, types any) error {
	allowed := w.Org.Quota.GPUTypes
	if count == 0 || allowed == nil {
		return nil
	}
	if len(*allowed) == 0 {
		return BadRequest("No GPU types are allowed in this region.")
	}
	list, _ := types.([]any)
	var asked []string
	for _, t := range list {
		text, _ := t.(string)
		asked = append(asked, text)
	}
	if len(asked) == 0 || slices.ContainsFunc(asked, func(t string) bool { return slices.Contains(*allowed, t) }) {
		return nil
	}
	return BadRequest("Requested GPU type(s) %s not permitted in this region. Allowed: %s.", strings.Join(asked, ", "), strings.Join(*allowed, ", "))
}

// exceeds reports whether n is above a limit; 0 means no limit.
func exceeds(n, limit int) bool { return limit > 0 && n > limit }

// Usage returns the total usage of the sandboxes in a region, except for one; nil
// means none. Stopped sandboxes use only disk, archived and failed ones nothing.
func (w *World) Usage(region string, except *Sandbox) Sizes {
	var sum Sizes
	for _, sb := range w.Sandboxes.Order {
		if sb == except || sb.Target != region || sb.DesiredState == StateDestroyed || sb.Errored() {
			continue
		}
		size := Sizes{sb.CPU, sb.Memory, sb.Disk}
		if sb.Resize != nil {
			size = Sizes{max(size.CPU, sb.Resize.CPU), max(size.Memory, sb.Resize.Memory), max(size.Disk, sb.Resize.Disk)}
		}
		if sb.State == StateArchived && sb.DesiredState == StateArchived {
			continue
		}
		sum.Disk += size.Disk
		resting := slices.Contains([]string{StateStopped, StateArchiving, StatePaused, StateResizing}, sb.State)
		if resting && sb.DesiredState != StateStarted {
			continue
		}
		sum.CPU += size.CPU
		sum.Memory += size.Memory
	}
	return sum
}

// CheckSnapshotQuota returns an error if another snapshot would exceed the quota.
func (w *World) CheckSnapshotQuota() error {
	if exceeds(w.SnapshotsUsed()+1, w.Org.Quota.Snapshots) {
		return BadRequest("Snapshot quota exceeded. Maximum allowed: %d", w.Org.Quota.Snapshots)
	}
	return nil
}

// CheckVolumeQuota returns an error if another volume would exceed the quota.
func (w *World) CheckVolumeQuota() error {
	if exceeds(w.VolumesUsed()+1, w.Org.Quota.Volumes) {
		return BadRequest("Volume quota exceeded. Maximum allowed: %d", w.Org.Quota.Volumes)
	}
	return nil
}

// SnapshotsUsed returns the number of snapshots that count towards the quota.
func (w *World) SnapshotsUsed() int {
	n := 0
	for _, s := range w.Snapshots {
		if !s.General && slices.Contains([]string{SnapshotPending, snapshotPulling, snapshotBuilding, SnapshotActive}, s.State) {
			n++
		}
	}
	return n
}

// VolumesUsed returns the number of volumes that count towards the quota.
func (w *World) VolumesUsed() int {
	n := 0
	for _, v := range w.Volumes {
		if v.State != VolumeDeleted && v.State != StateError {
			n++
		}
	}
	return n
}

// GPUsUsed returns the number of GPUs of the running sandboxes in a region.
func (w *World) GPUsUsed(region string) int {
	n := 0
	for _, sb := range w.Sandboxes.Order {
		if sb.Target == region && sb.State == StateStarted && sb.DesiredState == StateStarted {
			n += sb.GPU
		}
	}
	return n
}
