package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
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

// IsReleased reports whether the spec releases the object with the address. The release
// of a snapshot is also that of its versions.
func (f *Fleet) IsReleased(a Address) bool {
	if a.Kind == SnapshotKind && len(f.Released) > 0 {
		if _, _, _, ok := f.versionAmong(f.Released, a.Key); ok {
			return true
		}
	}
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
	s, ok := d.Text(n, at)
	if !ok {
		return Address{}, false
	}
	if name, ok := strings.CutPrefix(s, string(fleetKind)+"."); ok {
		return Address{fleetKind, name}, true
	}
	a, err := ParseAddress(s)
	switch {
	case err != nil:
		d.Errorf(n, at, "%s", err)
	case a.Kind == SandboxKind && !copyKeyPattern.MatchString(a.Key):
		d.Errorf(n, at, "%q is not the address of a sandbox; write one such as sandbox.web, or sandbox.worker[3] for a copy", s)
	default:
		return a, true
	}
	return a, false
}

// fields reads a mapping with a subset of the keys. from is required.
func (d *decoder) fields(n *yaml.Node, at, what string, keys ...string) (map[string]*yaml.Node, bool) {
	entries, ok := d.Entries(n, at)
	values := map[string]*yaml.Node{}
	for _, e := range entries {
		if !slices.Contains(keys, e.Name) {
			d.Errorf(e.Key, yamldoc.Join(at, e.Name), "unknown key; %s has %s", what, strings.Join(keys, " and ")).Hint = suggest.DidYouMean(e.Name, keys)
			ok = false
		}
		values[e.Name] = e.Value
	}
	if ok && values["from"] == nil {
		d.Errorf(n, at, "%s needs from, an address such as sandbox.web", what)
		ok = false
	}
	return values, ok
}

// readMoved reads the section moved.
func (l *loader) readMoved(p part, e decode.Entry) {
	d := p.d
	items, _ := d.Sequence(e.Value, e.Name)
	for i, item := range items {
		at := fmt.Sprintf("moved[%d]", i)
		values, ok := d.fields(item, at, "an entry of moved", "from", "to")
		if !ok {
			continue
		}
		d.Begin(false, nil)
		from, ok := d.address(values["from"], at+".from")
		sensitive := d.End().Sensitive
		switch {
		case !ok:
		case from.Kind == fleetKind:
			l.readFormerName(d, values, locatedValue{value: from.Key, sensitive: sensitive}, at)
		case !d.checkMovable(values["from"], from, at+".from"):
		case values["to"] == nil:
			d.Errorf(item, at, "%s has no new address: to is missing", from).Hint = "to release it instead, list it under removed with destroy: false"
		default:
			if to, ok := d.address(values["to"], at+".to"); ok && d.checkMovable(values["to"], to, at+".to") {
				m := moveEntry{Move{from, to, d.Position(item)}, at, d.Position(values["from"]), d.Position(values["to"]), d}
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
		d.Errorf(n, at, "%s: only sandboxes can be moved; an image exists only in the spec", a)
	case fleetKind:
		d.Errorf(n, at, "%s: a sandbox can only be moved to a sandbox", a)
	default:
		d.Errorf(n, at, "%s: only sandboxes can be moved; a %s is identified by its name, not by its key", a, a.Kind).Hint = fmt.Sprintf("set name: %s and change the key", a.Key)
	}
	return false
}

// readFormerName reads an entry of moved for the fleet.
func (l *loader) readFormerName(d *decoder, values map[string]*yaml.Node, from locatedValue, at string) {
	if name, _ := from.value.(string); !fleetNamePattern.MatchString(name) {
		d.Errorf(values["from"], at+".from", "%q is not a fleet name", name)
		return
	}
	from.pos, from.decoder = d.Position(values["from"]), d
	r := fleetRename{from: from}
	if n := values["to"]; n != nil {
		to, ok := d.address(n, at+".to")
		if ok && to.Kind != fleetKind {
			d.Errorf(n, at+".to", "%s: a fleet can only be moved to a fleet", to).Hint = "omit to, which is always this fleet"
		}
		if !ok || to.Kind != fleetKind {
			return
		}
		r.to = locatedValue{value: to.Key, pos: d.Position(n), decoder: d}
	}
	l.formerNames = append(l.formerNames, r)
}

// readRemoved reads the section removed.
func (l *loader) readRemoved(p part, e decode.Entry) {
	d := p.d
	items, _ := d.Sequence(e.Value, e.Name)
	for i, item := range items {
		at := fmt.Sprintf("removed[%d]", i)
		from, place, destroy := item, at, true
		if item.Kind == yaml.MappingNode {
			values, ok := d.fields(item, at, "an entry of removed", "from", "destroy")
			if ok && values["destroy"] != nil {
				var v any
				v, ok = d.Flag(values["destroy"], at+".destroy")
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
			d.Errorf(from, place, "%s: a fleet cannot be removed by an entry; run `fleet destroy`", address)
		case address.Kind == ImageKind:
			d.Errorf(from, place, "%s: removed lists snapshots and volumes; an image exists only in the spec", address)
		case !destroy:
			l.released = append(l.released, locatedValue{value: address, pos: d.Position(from), decoder: d})
		case address.Kind == SandboxKind:
			d.Errorf(from, place, "%s: removed lists snapshots and volumes; a sandbox is deleted when its block is removed", address).Hint = fmt.Sprintf("to release it without deleting it, write {from: %s, destroy: false}", address)
		default:
			l.removed = append(l.removed, locatedValue{value: address, pos: d.Position(from), decoder: d})
		}
	}
}

// applyRefactoring checks the sections moved and removed against the declared
// resources, and adds them to the fleet.
func (l *loader) applyRefactoring(f *Fleet) {
	for _, r := range l.formerNames {
		l.checkFormerName(f, r)
		f.FormerNames = append(f.FormerNames, r.from.value.(string))
		f.SensitiveName = f.SensitiveName || r.from.sensitive
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
