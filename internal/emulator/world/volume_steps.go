package world

const (
	VolumePendingCreate = "pending_create"
	volumeCreating      = "creating"
	VolumeReady         = "ready"
	VolumePendingDelete = "pending_delete"
	volumeDeleting      = "deleting"
	VolumeDeleted       = "deleted"
)

// stepVolume does what is due for a volume.
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

// settleVolume ends a transition. updatedAt does not move on becoming ready.
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

// forgetDeleted drops the older record of a deleted volume: one is kept per name.
func (w *World) forgetDeleted(name string) {
	for id, v := range w.Volumes {
		if v.State == VolumeDeleted && v.Name == name {
			delete(w.Volumes, id)
			w.MarkDirty(kindVolume, id)
		}
	}
}

// changedVolume must follow every change of a volume.
func (w *World) ChangedVolume(v *Volume) {
	w.Timers.set(RecordKey{kindVolume, v.ID}, v.Due)
	w.MarkDirty(kindVolume, v.ID)
	if v.State != v.publishedState {
		w.onStateChange(v, v.publishedState, v.State)
		v.publishedState = v.State
	}
}

// volumeByName returns the volume that holds a name, whatever its state but deleted.
func (w *World) VolumeByName(name string) *Volume {
	for _, v := range w.Volumes {
		if v.Name == name && v.State != VolumeDeleted {
			return v
		}
	}
	return nil
}

// mountingSandbox returns a sandbox that mounts the volume and is not being destroyed.
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
