package plan

import (
	"errors"
	"fmt"
	"strings"

	"fleet/spec"
)

// checkRemaining returns an error if flags select a part of a fleet to be destroyed, and
// what remains needs an object that is deleted.
func (ch *selectionResolver) checkRemaining() error {
	sel := ch.opts.Select
	if !ch.opts.Destroy || len(sel.Targets)+len(sel.Excludes)+len(sel.Labels) == 0 {
		return nil
	}
	deleted := ch.deletedObjects()
	var first *Step // of those that remain and need need
	var need spec.Address
	others := 0
	for _, s := range ch.plan.Steps {
		if ch.selected[s] || s.Have == nil {
			continue
		}
		switch a, ok := deleted.neededBy(s, ch.resources[s.Address]); {
		case ok && first == nil:
			first, need = s, a
		case ok && a == need:
			others++
		}
	}
	if first == nil {
		return nil
	}
	return ch.remainingError(first, others, need)
}

// deletedObjects are the selected objects that are deleted.
type deletedObjects struct {
	addresses map[spec.Address]bool
	snapshots map[string]spec.Address // by name
	sandboxes map[string]spec.Address // by id
}

func (ch *selectionResolver) deletedObjects() deletedObjects {
	d := deletedObjects{map[spec.Address]bool{}, map[string]spec.Address{}, map[string]spec.Address{}}
	for s := range ch.selected {
		if s.Have == nil || !s.Action.Destroys() {
			continue
		}
		d.addresses[s.Address] = true
		switch s.Address.Kind {
		case spec.SnapshotKind:
			d.snapshots[s.Have.Name] = s.Address
		case spec.SandboxKind:
			d.sandboxes[s.Have.ID] = s.Address
		}
	}
	return d
}

// neededBy returns a deleted object that the object of a remaining step needs: by r, its
// resource of the spec, which may be nil, as the snapshot that it was created from, or as
// the sandbox that it is linked to.
func (d deletedObjects) neededBy(s *Step, r *spec.Resource) (spec.Address, bool) {
	if r != nil {
		for _, a := range r.DependsOn {
			if d.addresses[a] {
				return a, true
			}
		}
	}
	if s.Address.Kind != spec.SandboxKind {
		return spec.Address{}, false
	}
	if a, ok := d.snapshots[s.Have.Snapshot()]; ok {
		return a, true
	}
	a, ok := d.sandboxes[s.Have.LinkedTo()]
	return a, ok
}

// remainingError returns the error of a selection that leaves out s and others, which need
// a deleted object.
func (ch *selectionResolver) remainingError(s *Step, others int, need spec.Address) error {
	flag := ch.excluded[s]
	if flag == "" && len(ch.opts.Select.Targets) == 0 {
		flag = "--selector"
	} else if flag == "" {
		flag = "--target"
	}
	who, needs := s.Address.String(), "it needs"
	if others > 0 {
		who, needs = fmt.Sprintf("%s and %d more", who, others), "they need"
	}
	return &SelectionError{flag, fmt.Sprintf("leaves out %s, but not %s, which %s", who, need, needs), "leave out both, or neither"}
}

// withVolumeHint adds to the error of a selector what makes destroy delete volumes.
func withVolumeHint(err error, opts Options) error {
	var e *SelectionError
	if opts.Destroy && !opts.DestroyVolumes && errors.As(err, &e) && strings.HasPrefix(e.Message, string(spec.VolumeKind)+".") {
		e.Message, e.Hint, _ = strings.Cut(e.Message+"; add --volumes to delete volumes", "; ")
	}
	return err
}
