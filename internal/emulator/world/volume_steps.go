package world

// The states of a volume.
const (
	VolumePendingCreate = "pending_create"
	volumeCreating      = "creating"
	VolumeReady         = "ready"
	VolumePendingDelete = "pending_delete"
	volumeDeleting      = "deleting"
	VolumeDeleted       = "deleted"
)

// stepVolume executes the due step of a volume.
func (w *World) stepVolume(v *Volume) {
	if v.Due == nil || v.Due.After(w.Now.Time) {
		return
	}
	v.Due = nil
	switch v.State {
	case VolumePendingCreate:
		v.State, v.Due = volumeCreating, new(w.Now.Plus(transitionDelay(w.Delays.VolumeCreate)))
	case VolumePendingDelete:
		v.State, v.Due = volumeDeleting, new(w.Now.Plus(transitionDelay(w.Delays.VolumeDelete)))
	case volumeCreating, volumeDeleting:
		w.settleVolume(v)
	}
	w.ChangedVolume(v)
}

// settleVolume ends a transition. As on the real server, the modification time does
// not change when a volume becomes ready.
func (w *World) settleVolume(v *Volume) {
	switch {
	case v.Failure != nil:
		v.State, v.ErrorReason, v.Failure = StateError, new(v.Failure.Reason), nil
	case v.State == volumeCreating:
		v.State = VolumeReady
	default:
		w.forgetDeleted(v.Name + "-deleted")
		v.State, v.Name, v.UpdatedAt = VolumeDeleted, v.Name+"-deleted", w.Now
	}
}

// forgetDeleted removes the previous record of a deleted volume: only one is retained
// per name.
func (w *World) forgetDeleted(name string) {
	for id, v := range w.Volumes {
		if v.State == VolumeDeleted && v.Name == name {
			delete(w.Volumes, id)
			w.MarkDirty(kindVolume, id)
		}
	}
}

// ChangedVolume updates the timer and the journal. It must follow every change of a
// volume.
func (w *World) ChangedVolume(v *Volume) {
	w.Timers.set(RecordKey{kindVolume, v.ID}, v.Due)
	w.MarkDirty(kindVolume, v.ID)
	if v.State != v.publishedState {
		w.onStateChange(v, v.publishedState, v.State)
		v.publishedState = v.State
	}
}

// VolumeByName returns the volume with a name that is not deleted, or nil.
func (w *World) VolumeByName(name string) *Volume {
	for _, v := range w.Volumes {
		if v.Name == name && v.State != VolumeDeleted {
			return v
		}
	}
	return nil
}

// MountingSandbox returns a sandbox that mounts the volume and is not being destroyed,
// or nil.
func (w *World) MountingSandbox(volumeID string) *Sandbox {
	for _, sb := range w.Sandboxes.Order {
		if sb.DesiredState == StateDestroyed {
			continue
		}
		for _, m := range sb.Volumes {
			if m["volumeId"] == volumeID {
				return sb
			}
		}
	}
	return nil
}
