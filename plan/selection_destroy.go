package plan

import (
	"errors"
	"fmt"
	"slices"
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

// destroyReason returns the reason of the deletions of planDestroy.
func (c *planner) destroyReason() string {
	if c.opts.Select.narrows() {
		return "this part of the fleet is destroyed"
	}
	return "the fleet is destroyed"
}

// acceptDestroyed marks the selectors of a destroy that match no step, but resources
// without an object: what is already deleted does not have to be deleted. The error is
// that of an address whose object has another address.
func (ch *selectionResolver) acceptDestroyed(m *matcher) error {
	m.destroys = true
	if !slices.Contains(m.matched, false) {
		return nil
	}
	steps := make(map[spec.Address]spec.Address, len(ch.plan.Steps)) // by the address in the spec
	for _, s := range ch.plan.Steps {
		steps[ch.fleet.CurrentAddress(s.Address)] = s.Address
	}
	absent := newMatcher(m.flag, m.fleet, m.selectors)
	for _, r := range ch.fleet.Resources {
		if ch.steps[r.Address] != nil || r.Kind == spec.VolumeKind && !ch.opts.DestroyVolumes {
			continue
		}
		m.absent = append(m.absent, r.Address)
		if from, exists := steps[r.Address]; exists || isVersionUnknown(r) {
			if err := ch.elsewhereError(m, r, from); err != nil {
				return err
			}
			continue
		}
		if absent.matchesAny(&Step{Address: r.Address, Want: r}) && m.flag == "--target" {
			ch.warnFormerVersions(r)
		}
	}
	for i, selector := range m.selectors {
		// Labels that depend on unset values may be the selected ones.
		m.matched[i] = m.matched[i] || absent.matched[i] || selector.IsByLabel() && absent.labelsUnset != nil
	}
	return nil
}

// elsewhereError returns the error of an unmatched selector by address that matches r,
// whose object has the former address from, or whose version is not known.
func (ch *selectionResolver) elsewhereError(m *matcher, r *spec.Resource, from spec.Address) error {
	for i, selector := range m.selectors {
		switch {
		case m.matched[i] || selector.IsByLabel() || !selector.Matches(r.Address, nil):
		case isVersionUnknown(r):
			return &SelectionError{m.flag, fmt.Sprintf("%s: the version of %s depends on values that are not set", selector, r.Address), fmt.Sprintf("set them, or select all versions by %s-*", r.Address)}
		default:
			return &SelectionError{m.flag, fmt.Sprintf("%s: the fleet has %s as %s", selector, r.Address, from), fmt.Sprintf("select %s, or apply first", from)}
		}
	}
	return nil
}

// warnFormerVersions adds a warning if a snapshot whose current version does not exist has
// former versions that are not selected.
func (ch *selectionResolver) warnFormerVersions(r *spec.Resource) {
	for _, s := range ch.plan.Steps {
		if s.FormerVersionOf == r.Address && s.Action == Delete && !ch.selected[s] {
			ch.warn("the current version of %s does not exist, and former ones are not selected: %s-* selects them", r.Address, r.Address)
			return
		}
	}
}

// isMissingCopy reports whether text is the address of a copy whose group is known. The
// hint of a destroy names no other resource for it, since that one is hardly meant.
func isMissingCopy(known map[string]bool, text string) bool {
	a, err := spec.ParseAddress(text)
	return err == nil && a.Index() != "" && known[a.GroupAddress().String()]
}
