package emulator

const (
	volumePendingCreate = "pending_create"
	volumeCreating      = "creating"
	volumeReady         = "ready"
	volumePendingDelete = "pending_delete"
	volumeDeleting      = "deleting"
	volumeDeleted       = "deleted"
)

// stepVolume does what is due for a volume.
func (w *world) stepVolume(v *volume) {
	if v.Due == nil || v.Due.After(w.now.Time) {
		return
	}
	v.Due = nil
	switch v.State {
	case volumePendingCreate:
		v.State, v.Due = volumeCreating, ptr(w.now.plus(transitionDelay(w.delays.VolumeCreate)))
	case volumePendingDelete:
		v.State, v.Due = volumeDeleting, ptr(w.now.plus(transitionDelay(w.delays.VolumeDelete)))
	case volumeCreating, volumeDeleting:
		w.settleVolume(v)
	}
	w.changedVolume(v)
}

// settleVolume ends a transition. updatedAt does not move on becoming ready.
func (w *world) settleVolume(v *volume) {
	switch {
	case v.Failure != nil:
		v.State, v.ErrorReason, v.Failure = stateError, ptr(v.Failure.Reason), nil
	case v.State == volumeCreating:
		v.State = volumeReady
	default:
		w.forgetDeleted(v.Name + "-deleted")
		v.State, v.Name, v.UpdatedAt = volumeDeleted, v.Name+"-deleted", w.now
	}
}

// forgetDeleted drops the older record of a deleted volume: one is kept per name.
func (w *world) forgetDeleted(name string) {
	for id, v := range w.volumes {
		if v.State == volumeDeleted && v.Name == name {
			delete(w.volumes, id)
			w.markDirty(kindVolume, id)
		}
	}
}

// changedVolume must follow every change of a volume.
func (w *world) changedVolume(v *volume) {
	w.timers.set(recordKey{kindVolume, v.ID}, v.Due)
	w.markDirty(kindVolume, v.ID)
	if v.State != v.publishedState {
		w.onStateChange(v, v.publishedState, v.State)
		v.publishedState = v.State
	}
}

// volumeByName returns the volume that holds a name, whatever its state but deleted.
func (w *world) volumeByName(name string) *volume {
	for _, v := range w.volumes {
		if v.Name == name && v.State != volumeDeleted {
			return v
		}
	}
	return nil
}

// mountingSandbox returns a sandbox that mounts the volume and is not being destroyed.
func (w *world) mountingSandbox(volumeID string) *sandbox {
	for _, sb := range w.sandboxes.order {
		if sb.DesiredState == stateDestroyed {
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
