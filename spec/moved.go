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

// An identity is what a spec says of things that once had another address, and
// of things that it no longer declares.
type refactoring struct {
	moved       []moveEntry
	formerNames []fleetRename
	removed     []locatedValue // addresses of what is to go
	released    []locatedValue // addresses of what is let go
}

// A moving is an entry of moved that speaks of a sandbox.
type moveEntry struct {
	Move
	at       string
	from, to Position
	d        *decoder
}

// A renaming is an entry of moved that speaks of the fleet.
type fleetRename struct {
	from, to locatedValue // names; to may be absent
}

// fleetKind is the kind of a fleet's own address, as moved writes it.
const fleetKind Kind = "fleet"

// HasName reports whether the fleet has the name, or had it before.
func (f *Fleet) HasName(name string) bool {
	return name != "" && (name == f.Name || slices.Contains(f.FormerNames, name))
}

// CurrentAddress is the address that the sandbox of an address has now: the one that it
// was moved to, in several moves perhaps, or the same.
func (f *Fleet) CurrentAddress(a Address) Address {
	end, _ := followMoves(f.Moved, a)
	return end
}

// IsReleased reports whether the spec lets the object of the address go.
func (f *Fleet) IsReleased(a Address) bool {
	return slices.ContainsFunc(f.Released, func(r Address) bool { return r.covers(a) })
}

// GroupAddress is the address of the group that the address is a copy of: that of
// sandbox.worker for sandbox.worker[3], and any other address itself.
func (a Address) GroupAddress() Address {
	key, _ := a.Group()
	return Address{a.Kind, key}
}

// Index tells which copy of a group it is, such as 3 for sandbox.worker[3];
// empty for what is no copy.
func (a Address) Index() string {
	_, which := a.Group()
	return which
}

// covers reports whether other is a, or a copy of the group that a stands for.
func (a Address) covers(other Address) bool {
	return a == other || a.Index() == "" && a == other.GroupAddress()
}

// movesGroup reports whether the move is that of a group with all its copies, or of
// a sandbox that is no copy.
func (m Move) movesGroup() bool { return m.From.Index() == "" && m.To.Index() == "" }

// followMove follows one move. What is said of a copy goes before what is said of
// its group.
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

// followMoves follows moves to their end, and reports whether there is one: moves in
// a circle have none. Between two moves of copies, each group moves at most
// once.
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

// copyKeyPattern is the key of a sandbox, or of a copy of a group.
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

// fields reads a mapping that has some of the keys and no others.
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

// readMoved reads what has another address now.
func (l *loader) readMoved(p part, e decode.Entry) {
	d := p.d
	items, _ := d.Sequence(e.Value, e.Name)
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
			d.Errorf(item, at, "%s moves nowhere: to is missing", from).Hint = "to let it go instead, list it under removed"
		default:
			if to, ok := d.address(values["to"], at+".to"); ok && d.checkMovable(values["to"], to, at+".to") {
				m := moveEntry{Move{from, to, d.Position(item)}, at, d.Position(values["from"]), d.Position(values["to"]), d}
				l.moved = append(l.moved, m)
			}
		}
	}
}

// checkMovable tells of an address that cannot be that of a move.
func (d *decoder) checkMovable(n *yaml.Node, a Address, at string) bool {
	switch a.Kind {
	case SandboxKind:
		return true
	case ImageKind:
		d.Errorf(n, at, "%s: only sandboxes move; an image is only part of the spec", a)
	case fleetKind:
		d.Errorf(n, at, "%s: a sandbox moves to a sandbox", a)
	default:
		d.Errorf(n, at, "%s: only sandboxes move; a %s is found by its name, whatever its key", a, a.Kind).Hint = fmt.Sprintf("give it name: %s, and another key does no harm", a.Key)
	}
	return false
}

// readFormerName reads a name that the fleet had.
func (l *loader) readFormerName(d *decoder, values map[string]*yaml.Node, name, at string) {
	if !fleetNamePattern.MatchString(name) {
		d.Errorf(values["from"], at+".from", "%q is not a fleet name", name)
		return
	}
	r := fleetRename{from: locatedValue{value: name, pos: d.Position(values["from"]), decoder: d}}
	if n := values["to"]; n != nil {
		to, ok := d.address(n, at+".to")
		if ok && to.Kind != fleetKind {
			d.Errorf(n, at+".to", "%s: a fleet moves to a fleet", to).Hint = "leave to out: it is this fleet"
		}
		if !ok || to.Kind != fleetKind {
			return
		}
		r.to = locatedValue{value: to.Key, pos: d.Position(n), decoder: d}
	}
	l.formerNames = append(l.formerNames, r)
}

// readRemoved reads the addresses of what is to go, or is let go.
func (l *loader) readRemoved(p part, e decode.Entry) {
	d := p.d
	items, _ := d.Sequence(e.Value, e.Name)
	for i, item := range items {
		at := fmt.Sprintf("removed[%d]", i)
		from, place, destroy := item, at, true
		if item.Kind == yaml.MappingNode {
			values, ok := d.fields(item, at, "an entry of removed", "from", "destroy")
			if ok && values["destroy"] != nil {
				var said any
				said, ok = d.Flag(values["destroy"], at+".destroy")
				destroy = said != false
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
			d.Errorf(from, place, "%s: a fleet ends by fleet destroy", address)
		case address.Kind == ImageKind:
			d.Errorf(from, place, "%s: removed is for snapshots and volumes; an image is only part of the spec", address)
		case !destroy:
			l.released = append(l.released, locatedValue{value: address, pos: d.Position(from), decoder: d})
		case address.Kind == SandboxKind:
			d.Errorf(from, place, "%s: removed is for snapshots and volumes; a sandbox goes when its block goes", address).Hint = fmt.Sprintf("to keep it, and only let it go, write {from: %s, destroy: false}", address)
		default:
			l.removed = append(l.removed, locatedValue{value: address, pos: d.Position(from), decoder: d})
		}
	}
}

// applyRefactoring checks what was read of former identities against what the fleet
// declares, and puts it into the fleet.
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

// checkFormerName tells what is wrong with a former name of the fleet.
func (l *loader) checkFormerName(f *Fleet, r fleetRename) {
	name, d := r.from.value.(string), r.from.decoder
	switch {
	case f.Name == "": // which was told
	case r.to.value != nil && r.to.value != f.Name:
		d.ErrorfAt(r.to.pos, "moved", "fleet.%s is not this fleet, which is called %s", r.to.value, f.Name).Hint = "leave to out"
	case name == f.Name:
		d.ErrorfAt(r.from.pos, "moved", "the fleet is called %s now; its former name was another one", name)
	case slices.Contains(f.FormerNames, name):
		d.ErrorfAt(r.from.pos, "moved", "fleet.%s is there twice", name)
	}
}

// checkMove tells what is wrong with a move, of which some come before.
func (l *loader) checkMove(f *Fleet, m moveEntry, before []moveEntry) {
	for _, b := range before {
		if b.From == m.From {
			m.d.ErrorfAt(m.from, m.at+".from", "%s moves twice; the first entry is at %s", m.From, b.Pos)
			return
		}
		if b.To == m.To {
			m.d.ErrorfAt(m.to, m.at+".to", "%s is what %s becomes, too, at %s", m.To, b.From, b.Pos)
			return
		}
	}
	end, ends := followMoves(f.Moved, m.To)
	switch {
	case !ends:
		m.d.ErrorfAt(m.from, m.at+".from", "%s moves in a circle", m.From)
	case l.isDeclared(f, m.From, m.movesGroup()):
		m.d.ErrorfAt(m.from, m.at+".from", "%s is declared, and moved at once", m.From).Hint = "a sandbox moves when its old block is gone"
	case !l.Incomplete && !l.isDeclared(f, end, m.movesGroup()) && (!m.movesGroup() || l.byAddress[end] == nil): // a group may be empty
		m.d.ErrorfAt(m.to, m.at+".to", "there is no %s in the spec", end).Hint = l.moveHint(f, end)
	}
}

// isDeclared reports whether the fleet declares the sandbox or, where a whole
// group may be meant, any copy of it.
func (l *loader) isDeclared(f *Fleet, a Address, group bool) bool {
	return slices.ContainsFunc(f.Resources, func(r *Resource) bool { return r.Address == a || group && a.covers(r.Address) })
}

// moveHint is the hint for the end of a move that is not declared.
func (l *loader) moveHint(f *Fleet, a Address) string {
	var keys []string
	for _, r := range f.OfKind(SandboxKind) {
		if a.covers(r.Address) {
			return fmt.Sprintf("there are several of it: write %s", r.Address)
		}
		for _, key := range []string{r.Key, r.GroupAddress().Key} {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return suggest.DidYouMean(a.Key, keys)
}

// checkRemoved tells what is wrong with what is to go.
func (l *loader) checkRemoved(f *Fleet, r locatedValue) {
	address := r.value.(Address)
	if user := referrerOf(f, address); user != nil {
		r.decoder.ErrorfAt(r.pos, "removed", "%s is used by %s", address, user.Address)
	}
	if isDeclaredName(f, address) {
		r.decoder.ErrorfAt(r.pos, "removed", "%s is declared and removed at once", address)
	}
}

// checkReleased tells what is wrong with what is let go.
func (l *loader) checkReleased(f *Fleet, r locatedValue) {
	address := r.value.(Address)
	moved := slices.IndexFunc(f.Moved, func(m Move) bool { return m.From.covers(address) || address.covers(m.From) })
	switch {
	case slices.Contains(f.Removed, address):
		r.decoder.ErrorfAt(r.pos, "removed", "%s is to be deleted, and to be let go", address)
	case slices.Contains(f.Released, address):
		r.decoder.ErrorfAt(r.pos, "removed", "%s is there twice", address)
	case address.Kind == SandboxKind && moved >= 0:
		r.decoder.ErrorfAt(r.pos, "removed", "%s moves to %s, and is let go at once", address, f.Moved[moved].To)
	case address.Kind == SandboxKind && l.isDeclared(f, address, true), address.Kind != SandboxKind && isDeclaredName(f, address):
		r.decoder.ErrorfAt(r.pos, "removed", "%s is declared and removed at once", address)
	}
}
