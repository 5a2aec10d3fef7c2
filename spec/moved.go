package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A refactoring is the contents of the sections moved and removed.
type refactoring struct {
	moved       []moveEntry
	formerNames []fleetRename
	removed     []locatedValue // addresses to delete
	released    []locatedValue // addresses to release
}

// A moveEntry is an entry of moved for a sandbox.
type moveEntry struct {
	Move
	at       string // path of the entry
	from, to Position
	d        *decoder
}

// A fleetRename is an entry of moved for the fleet.
type fleetRename struct {
	from, to locatedValue // names; to is optional
}

// fleetKind is the kind in the address of a fleet, which only moved has.
const fleetKind Kind = "fleet"

// HasName reports whether the name is the fleet's current or a former one.
func (f *Fleet) HasName(name string) bool {
	return name != "" && (name == f.Name || slices.Contains(f.FormerNames, name))
}

// CurrentAddress returns the address of a sandbox after all moves. Without a move it
// is the same.
func (f *Fleet) CurrentAddress(a Address) Address {
	end, _ := followMoves(f.Moved, a)
	return end
}

// IsReleased reports whether the spec releases the object with the address.
func (f *Fleet) IsReleased(a Address) bool {
	return slices.ContainsFunc(f.Released, func(r Address) bool { return r.covers(a) })
}

// GroupAddress returns the address of the copy's group: sandbox.worker for
// sandbox.worker[3]. Any other address is returned unchanged.
func (a Address) GroupAddress() Address {
	key, _ := a.Group()
	return Address{a.Kind, key}
}

// Index returns the index or key of a copy, such as 3 for sandbox.worker[3]; empty
// if the address is not that of a copy.
func (a Address) Index() string {
	_, which := a.Group()
	return which
}

// covers reports whether other is a, or a copy of the group that a stands for.
func (a Address) covers(other Address) bool {
	return a == other || a.Index() == "" && a == other.GroupAddress()
}

// movesGroup reports whether the move is that of a whole group, or of a sandbox that
// is not a copy.
func (m Move) movesGroup() bool { return m.From.Index() == "" && m.To.Index() == "" }

// followMove follows one move. An entry for a copy takes precedence over one for its
// group.
func followMove(moves []Move, a Address) (Address, bool) {
	for _, m := range moves {
		if m.From == a {
			return m.To, true
		}
	}
	for _, m := range moves {
		if m.movesGroup() && m.From == a.GroupAddress() {
			return Address{m.To.Kind, m.To.Key + strings.TrimPrefix(a.Key, m.From.Key)}, true
		}
	}
	return a, false
}

// followMoves follows moves to their end. ends is false if they are a cycle. Each
// group moves at most once between two moves of copies, which bounds the number of
// steps.
func followMoves(moves []Move, a Address) (end Address, ends bool) {
	for range (len(moves) + 1) * (len(moves) + 1) {
		next, moves := followMove(moves, a)
		if !moves {
			return a, true
		}
		a = next
	}
	return a, false
}

// copyKeyPattern matches the keys of sandboxes and of copies.
var copyKeyPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}(\[[^\[\]]+\])?$`)

// address reads the address of a resource, or of a fleet.
func (d *decoder) address(n *yaml.Node, at string) (Address, bool) {
	s, ok := d.text(n, at)
	if !ok {
		return Address{}, false
	}
	if name, ok := strings.CutPrefix(s, string(fleetKind)+"."); ok {
		return Address{fleetKind, name}, true
	}
	a, err := ParseAddress(s)
	switch {
	case err != nil:
		d.errorf(n, at, "%s", err)
	case a.Kind == SandboxKind && !copyKeyPattern.MatchString(a.Key):
		d.errorf(n, at, "%q is not the address of a sandbox; write one such as sandbox.web, or sandbox.worker[3] for a copy", s)
	default:
		return a, true
	}
	return a, false
}

// fields reads a mapping with a subset of the keys. from is required.
func (d *decoder) fields(n *yaml.Node, at, what string, keys ...string) (map[string]*yaml.Node, bool) {
	entries, ok := d.entries(n, at)
	values := map[string]*yaml.Node{}
	for _, e := range entries {
		if !slices.Contains(keys, e.name) {
			d.errorf(e.key, join(at, e.name), "unknown key; %s has %s", what, strings.Join(keys, " and ")).Hint = DidYouMean(e.name, keys)
			ok = false
		}
		values[e.name] = e.value
	}
	if ok && values["from"] == nil {
		d.errorf(n, at, "%s needs from, an address such as sandbox.web", what)
		ok = false
	}
	return values, ok
}

// readMoved reads the section moved.
func (l *loader) readMoved(p part, e entry) {
	d := p.d
	items, _ := d.sequence(e.value, e.name)
	for i, item := range items {
		at := fmt.Sprintf("moved[%d]", i)
		values, ok := d.fields(item, at, "an entry of moved", "from", "to")
		if !ok {
			continue
		}
		from, ok := d.address(values["from"], at+".from")
		switch {
		case !ok:
		case from.Kind == fleetKind:
			l.readFormerName(d, values, from.Key, at)
		case !d.checkMovable(values["from"], from, at+".from"):
		case values["to"] == nil:
			d.errorf(item, at, "%s has no new address: to is missing", from).Hint = "to release it instead, list it under removed with destroy: false"
		default:
			if to, ok := d.address(values["to"], at+".to"); ok && d.checkMovable(values["to"], to, at+".to") {
				m := moveEntry{Move{from, to, d.position(item)}, at, d.position(values["from"]), d.position(values["to"]), d}
				l.moved = append(l.moved, m)
			}
		}
	}
}

// checkMovable reports an error if the address cannot be moved.
func (d *decoder) checkMovable(n *yaml.Node, a Address, at string) bool {
	switch a.Kind {
	case SandboxKind:
		return true
	case ImageKind:
		d.errorf(n, at, "%s: only sandboxes can be moved; an image exists only in the spec", a)
	case fleetKind:
		d.errorf(n, at, "%s: a sandbox can only be moved to a sandbox", a)
	default:
		d.errorf(n, at, "%s: only sandboxes can be moved; a %s is identified by its name, not by its key", a, a.Kind).Hint = fmt.Sprintf("set name: %s and change the key", a.Key)
	}
	return false
}

// readFormerName reads an entry of moved for the fleet.
func (l *loader) readFormerName(d *decoder, values map[string]*yaml.Node, name, at string) {
	if !fleetNamePattern.MatchString(name) {
		d.errorf(values["from"], at+".from", "%q is not a fleet name", name)
		return
	}
	r := fleetRename{from: locatedValue{value: name, pos: d.position(values["from"]), decoder: d}}
	if n := values["to"]; n != nil {
		to, ok := d.address(n, at+".to")
		if ok && to.Kind != fleetKind {
			d.errorf(n, at+".to", "%s: a fleet can only be moved to a fleet", to).Hint = "omit to, which is always this fleet"
		}
		if !ok || to.Kind != fleetKind {
			return
		}
		r.to = locatedValue{value: to.Key, pos: d.position(n), decoder: d}
	}
	l.formerNames = append(l.formerNames, r)
}

// readRemoved reads the section removed.
func (l *loader) readRemoved(p part, e entry) {
	d := p.d
	items, _ := d.sequence(e.value, e.name)
	for i, item := range items {
		at := fmt.Sprintf("removed[%d]", i)
		from, place, destroy := item, at, true
		if item.Kind == yaml.MappingNode {
			values, ok := d.fields(item, at, "an entry of removed", "from", "destroy")
			if ok && values["destroy"] != nil {
				var v any
				v, ok = d.flag(values["destroy"], at+".destroy")
				destroy = v != false
			}
			if !ok {
				continue
			}
			from, place = values["from"], at+".from"
		}
		address, ok := d.address(from, place)
		switch {
		case !ok:
		case address.Kind == fleetKind:
			d.errorf(from, place, "%s: a fleet cannot be removed by an entry; run `fleet destroy`", address)
		case address.Kind == ImageKind:
			d.errorf(from, place, "%s: removed lists snapshots and volumes; an image exists only in the spec", address)
		case !destroy:
			l.released = append(l.released, locatedValue{value: address, pos: d.position(from), decoder: d})
		case address.Kind == SandboxKind:
			d.errorf(from, place, "%s: removed lists snapshots and volumes; a sandbox is deleted when its block is removed", address).Hint = fmt.Sprintf("to release it without deleting it, write {from: %s, destroy: false}", address)
		default:
			l.removed = append(l.removed, locatedValue{value: address, pos: d.position(from), decoder: d})
		}
	}
}

// applyRefactoring checks the sections moved and removed against the declared
// resources, and adds them to the fleet.
func (l *loader) applyRefactoring(f *Fleet) {
	for _, r := range l.formerNames {
		l.checkFormerName(f, r)
		f.FormerNames = append(f.FormerNames, r.from.value.(string))
	}
	for _, m := range l.moved {
		f.Moved = append(f.Moved, m.Move)
	}
	for i, m := range l.moved {
		l.checkMove(f, m, l.moved[:i])
	}
	for _, r := range l.removed {
		l.checkRemoved(f, r)
		f.Removed = append(f.Removed, r.value.(Address))
	}
	for _, r := range l.released {
		l.checkReleased(f, r)
		f.Released = append(f.Released, r.value.(Address))
	}
}

// checkFormerName reports what is wrong with a former name of the fleet.
func (l *loader) checkFormerName(f *Fleet, r fleetRename) {
	name, d := r.from.value.(string), r.from.decoder
	switch {
	case f.Name == "": // already reported
	case r.to.value != nil && r.to.value != f.Name:
		d.errorfAt(r.to.pos, "moved", "fleet.%s is not this fleet, whose name is %s", r.to.value, f.Name).Hint = "omit to"
	case name == f.Name:
		d.errorfAt(r.from.pos, "moved", "%s is the current name of the fleet, not a former one", name)
	case slices.Contains(f.FormerNames, name):
		d.errorfAt(r.from.pos, "moved", "fleet.%s is listed twice", name)
	}
}

// checkMove reports what is wrong with a move. before are the preceding entries.
func (l *loader) checkMove(f *Fleet, m moveEntry, before []moveEntry) {
	for _, b := range before {
		if b.From == m.From {
			m.d.errorfAt(m.from, m.at+".from", "%s is moved twice; the first entry is at %s", m.From, b.Pos)
			return
		}
		if b.To == m.To {
			m.d.errorfAt(m.to, m.at+".to", "%s is already the new address of %s at %s", m.To, b.From, b.Pos)
			return
		}
	}
	end, ends := followMoves(f.Moved, m.To)
	switch {
	case !ends:
		m.d.errorfAt(m.from, m.at+".from", "the moves of %s are a cycle", m.From)
	case l.isDeclared(f, m.From, m.movesGroup()):
		m.d.errorfAt(m.from, m.at+".from", "%s is moved but still declared", m.From).Hint = "remove the old block"
	case !l.incomplete && !l.isDeclared(f, end, m.movesGroup()) && (!m.movesGroup() || l.byAddress[end] == nil): // a group may be empty
		m.d.errorfAt(m.to, m.at+".to", "there is no %s in the spec", end).Hint = l.moveHint(f, end)
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
	return DidYouMean(a.Key, keys)
}

// checkRemoved reports what is wrong with an address to delete.
func (l *loader) checkRemoved(f *Fleet, r locatedValue) {
	address := r.value.(Address)
	if user := referrerOf(f, address); user != nil {
		r.decoder.errorfAt(r.pos, "removed", "%s is used by %s", address, user.Address)
	}
	if isDeclaredName(f, address) {
		r.decoder.errorfAt(r.pos, "removed", "%s is both declared and removed", address)
	}
}

// checkReleased reports what is wrong with an address to release.
func (l *loader) checkReleased(f *Fleet, r locatedValue) {
	address := r.value.(Address)
	moved := slices.IndexFunc(f.Moved, func(m Move) bool { return m.From.covers(address) || address.covers(m.From) })
	switch {
	case slices.Contains(f.Removed, address):
		r.decoder.errorfAt(r.pos, "removed", "%s is listed both for deletion and for release", address)
	case slices.Contains(f.Released, address):
		r.decoder.errorfAt(r.pos, "removed", "%s is listed twice", address)
	case address.Kind == SandboxKind && moved >= 0:
		r.decoder.errorfAt(r.pos, "removed", "%s is both moved to %s and released", address, f.Moved[moved].To)
	case address.Kind == SandboxKind && l.isDeclared(f, address, true), address.Kind != SandboxKind && isDeclaredName(f, address):
		r.decoder.errorfAt(r.pos, "removed", "%s is both declared and removed", address)
	}
}
