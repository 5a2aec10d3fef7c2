package emulator

import (
	"slices"
	"strings"
)

const (
	perSandboxHelp = "Need higher resource limits per-sandbox? Contact us at support@daytona.io and let us know about your use case."
	archiveHelp    = "Consider archiving your unused Sandboxes to free up available storage."
	upgradeHelp    = "To increase concurrency limits, upgrade your organization's Tier by visiting " + dashboardURL + "/limits."
)

// checkSize refuses what is too big for any one sandbox.
func (w *world) checkSize(want sizes) error {
	q := w.org.Quota
	switch {
	case exceeds(want.CPU, q.MaxCPUPerSandbox):
		return badRequest("CPU request %d exceeds maximum allowed per sandbox (%d).\n%s", want.CPU, q.MaxCPUPerSandbox, perSandboxHelp)
	case exceeds(want.Memory, q.MaxMemoryPerSandbox):
		return badRequest("Memory request %dGB exceeds maximum allowed per sandbox (%dGB).\n%s", want.Memory, q.MaxMemoryPerSandbox, perSandboxHelp)
	case exceeds(want.Disk, q.MaxDiskPerSandbox):
		return badRequest("Disk request %dGB exceeds maximum allowed per sandbox (%dGB).\n%s", want.Disk, q.MaxDiskPerSandbox, perSandboxHelp)
	}
	return nil
}

// checkQuota refuses what the organisation cannot have in a region besides what
// it has there; except is the sandbox that is being changed.
func (w *world) checkQuota(region string, want sizes, except *sandbox) error {
	if err := w.checkSize(want); err != nil {
		return err
	}
	q := w.org.Quota
	if q.CPU == 0 && q.Memory == 0 && q.Disk == 0 {
		return nil
	}
	used := w.usage(region, except)
	switch {
	case exceeds(used.CPU+want.CPU, q.CPU):
		return badRequest("Total CPU limit exceeded. Maximum allowed: %d.\n%s", q.CPU, upgradeHelp)
	case exceeds(used.Memory+want.Memory, q.Memory):
		return badRequest("Total memory limit exceeded. Maximum allowed: %dGiB.\n%s", q.Memory, upgradeHelp)
	case exceeds(used.Disk+want.Disk, q.Disk):
		return badRequest("Total disk limit exceeded. Maximum allowed: %dGiB.\n%s\n%s", q.Disk, archiveHelp, upgradeHelp)
	}
	return nil
}

// checkGPU refuses a number of GPUs if a region allows none of their types.
func (w *world) checkGPU(count int, types any) error {
	allowed := w.org.Quota.GPUTypes
	if count == 0 || allowed == nil {
		return nil
	}
	if len(*allowed) == 0 {
		return badRequest("No GPU types are allowed in this region.")
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
	return badRequest("Requested GPU type(s) %s not permitted in this region. Allowed: %s.", strings.Join(asked, ", "), strings.Join(*allowed, ", "))
}

func exceeds(n, limit int) bool { return limit > 0 && n > limit }

// usage sums what the sandboxes of a region take: stopped ones only disk,
// archived and errored ones nothing.
func (w *world) usage(region string, except *sandbox) sizes {
	var sum sizes
	for _, sb := range w.sandboxes.order {
		if sb == except || sb.Target != region || sb.DesiredState == stateDestroyed || sb.errored() {
			continue
		}
		size := sizes{sb.CPU, sb.Memory, sb.Disk}
		if sb.Resize != nil {
			size = sizes{max(size.CPU, sb.Resize.CPU), max(size.Memory, sb.Resize.Memory), max(size.Disk, sb.Resize.Disk)}
		}
		if sb.State == stateArchived && sb.DesiredState == stateArchived {
			continue
		}
		sum.Disk += size.Disk
		resting := slices.Contains([]string{stateStopped, stateArchiving, statePaused, stateResizing}, sb.State)
		if resting && sb.DesiredState != stateStarted {
			continue
		}
		sum.CPU += size.CPU
		sum.Memory += size.Memory
	}
	return sum
}

// checkSnapshotQuota refuses a snapshot too many.
func (w *world) checkSnapshotQuota() error {
	if exceeds(w.snapshotsUsed()+1, w.org.Quota.Snapshots) {
		return badRequest("Snapshot quota exceeded. Maximum allowed: %d", w.org.Quota.Snapshots)
	}
	return nil
}

// checkVolumeQuota refuses a volume too many.
func (w *world) checkVolumeQuota() error {
	if exceeds(w.volumesUsed()+1, w.org.Quota.Volumes) {
		return badRequest("Volume quota exceeded. Maximum allowed: %d", w.org.Quota.Volumes)
	}
	return nil
}

// snapshotsUsed counts the organisation's snapshots as the quota does.
func (w *world) snapshotsUsed() int {
	n := 0
	for _, s := range w.snapshots {
		if !s.General && slices.Contains([]string{snapshotPending, snapshotPulling, snapshotBuilding, snapshotActive}, s.State) {
			n++
		}
	}
	return n
}

// volumesUsed counts the volumes as the quota does.
func (w *world) volumesUsed() int {
	n := 0
	for _, v := range w.volumes {
		if v.State != volumeDeleted && v.State != stateError {
			n++
		}
	}
	return n
}

// gpusUsed counts the GPUs of the sandboxes that run in a region.
func (w *world) gpusUsed(region string) int {
	n := 0
	for _, sb := range w.sandboxes.order {
		if sb.Target == region && sb.State == stateStarted && sb.DesiredState == stateStarted {
			n += sb.GPU
		}
	}
	return n
}
