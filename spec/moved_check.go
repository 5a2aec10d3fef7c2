package spec

import (
	"fmt"
	"slices"

	"fleet/internal/suggest"
)

// checkFormerName reports what is wrong with a former name of the fleet.
func (l *loader) checkFormerName(f *Fleet, r fleetRename) {
	name, d := r.from.value.(string), r.from.decoder
	switch {
	case f.Name == "": // already reported
	case r.to.value != nil && r.to.value != f.Name:
		d.ErrorfAt(r.to.pos, "moved", "fleet.%s is not this fleet, whose name is %s", r.to.value, f.Name).Hint = "omit to"
	case name == f.Name:
		d.ErrorfAt(r.from.pos, "moved", "%s is the current name of the fleet, not a former one", name)
	case slices.Contains(f.FormerNames, name):
		d.ErrorfAt(r.from.pos, "moved", "fleet.%s is listed twice", name)
	}
}

// checkMove reports what is wrong with a move. before are the preceding entries.
func (l *loader) checkMove(f *Fleet, m moveEntry, before []moveEntry) {
	for _, b := range before {
		if b.From == m.From {
			m.d.ErrorfAt(m.from, m.at+".from", "%s is moved twice; the first entry is at %s", m.From, b.Pos)
			return
		}
		if b.To == m.To {
			m.d.ErrorfAt(m.to, m.at+".to", "%s is already the new address of %s at %s", m.To, b.From, b.Pos)
			return
		}
	}
	end, ends := followMoves(f.Moved, m.To)
	switch {
	case !ends:
		m.d.ErrorfAt(m.from, m.at+".from", "the moves of %s are a cycle", m.From)
	case l.isDeclared(f, m.From, m.movesGroup()):
		m.d.ErrorfAt(m.from, m.at+".from", "%s is moved but still declared", m.From).Hint = "remove the old block"
	case !l.Incomplete && !l.isDeclared(f, end, m.movesGroup()) && (!m.movesGroup() || l.byAddress[end] == nil): // a group may be empty
		m.d.ErrorfAt(m.to, m.at+".to", "there is no %s in the spec", end).Hint = l.moveHint(f, end)
	}
}

// isDeclared reports whether the fleet declares the sandbox or, if group is true, any
// copy of the group.
func (l *loader) isDeclared(f *Fleet, a Address, group bool) bool {
	return slices.ContainsFunc(f.Resources, func(r *Resource) bool { return r.Address == a || group && a.covers(r.Address) })
}

// moveHint returns the hint for a move to an address that is not declared.
func (l *loader) moveHint(f *Fleet, a Address) string {
	var keys []string
	for _, r := range f.OfKind(SandboxKind) {
		if a.covers(r.Address) {
			return fmt.Sprintf("it is a group; write the address of a copy, such as %s", r.Address)
		}
		for _, key := range []string{r.Key, r.GroupAddress().Key} {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return suggest.DidYouMean(a.Key, keys)
}

// checkRemoved reports what is wrong with an address to delete.
func (l *loader) checkRemoved(f *Fleet, r locatedValue) {
	address := r.value.(Address)
	if user := referrerOf(f, address); user != nil {
		r.decoder.ErrorfAt(r.pos, "removed", "%s is used by %s", address, user.Address)
	}
	if isDeclaredName(f, address) {
		r.decoder.ErrorfAt(r.pos, "removed", "%s is both declared and removed", address)
	}
}

// checkReleased reports what is wrong with an address to release.
func (l *loader) checkReleased(f *Fleet, r locatedValue) {
	address := r.value.(Address)
	moved := slices.IndexFunc(f.Moved, func(m Move) bool { return m.From.covers(address) || address.covers(m.From) })
	switch {
	case slices.Contains(f.Removed, address):
		r.decoder.ErrorfAt(r.pos, "removed", "%s is listed both for deletion and for release", address)
	case slices.Contains(f.Released, address):
		r.decoder.ErrorfAt(r.pos, "removed", "%s is listed twice", address)
	case address.Kind == SandboxKind && moved >= 0:
		r.decoder.ErrorfAt(r.pos, "removed", "%s is both moved to %s and released", address, f.Moved[moved].To)
	case address.Kind == SandboxKind && l.isDeclared(f, address, true), address.Kind != SandboxKind && isDeclaredName(f, address):
		r.decoder.ErrorfAt(r.pos, "removed", "%s is both declared and removed", address)
	}
}
