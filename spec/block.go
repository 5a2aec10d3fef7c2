package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// A block is what a spec says of one resource in one place.
type block map[*Attribute]locatedValue

// A located is a value and the place in a spec where it stands.
type locatedValue struct {
	value            any
	pos              Position
	decoder          *decoder // of the file it stands in
	layer            string   // what kind of place it is, for explanations
	sensitive        bool     // it holds a sensitive value
	fromSensitiveVar bool     // a sensitive variable gave it
	isNull           bool     // null: it takes back what is below
	appends          bool     // +key: it is appended to what is below
	perCopy          bool     // the value differs from copy to copy of a group, and is read for each
	node             *yaml.Node
	path             string
	missing          []*Diagnostic // values that are not set and that it depends on; its own value is unknown then
	base             *locatedValue // what it is merged with or appended to; nil: nothing
}

// A declared is a named block of a section, in layers of rising precedence.
type blockDecl struct {
	Address
	layers       []block
	pos          Position
	decoder      *decoder
	merged       block // all that is said of it
	disabled     bool  // it is not enabled
	copiesDiffer bool  // its copies differ in more than their names
}

// AppendPrefix marks a key whose list is appended to what is below.
const AppendPrefix = "+"

// block reads attributes. Nested keys belong to rows with dotted keys.
func (d *decoder) block(n *yaml.Node, t Table, at string) block {
	b := block{}
	d.readInto(b, n, t, "", at)
	return b
}

func (d *decoder) readInto(b block, n *yaml.Node, t Table, prefix, at string) {
	entries, _ := d.Entries(n, at)
	var known []string
	for _, e := range entries {
		where := yamldoc.Join(at, e.Name)
		name, adds := strings.CutPrefix(e.Name, AppendPrefix)
		a := t.find(prefix + name)
		if strings.Contains(name, ".") { // nesting is written as nesting
			a = nil
		}
		if a == nil && known == nil {
			known = t.keys(prefix)
		}
		switch {
		case a == nil && slices.Contains(known, e.Name) && yamldoc.IsNull(yamldoc.FollowAlias(e.Value)):
			d.readNull(b, e, t, prefix+name+".")
		case a == nil && slices.Contains(known, e.Name):
			d.readInto(b, e.Value, t, prefix+e.Name+".", where)
		case a == nil:
			meant := t.alias(prefix, name)
			if meant != nil && meant.Secret || meant == nil && t.maybeSecret(prefix, name, known) {
				d.Hide(e.Value)
			}
			hint := unknownKeyHint(name, known)
			if meant != nil {
				hint = "write " + meant.nestedKey()
			}
			d.Errorf(e.Key, where, "unknown key").Hint = hint
		case adds && a.Type.join == nil:
			d.Errorf(e.Key, where, "only lists can be appended to").Hint = "write " + name
		case adds && yamldoc.IsNull(yamldoc.FollowAlias(e.Value)):
			d.Errorf(e.Value, where, "there is nothing to append").Hint = "to take back what is below, write " + name + ": null"
		case b.has(a) && b[a].node != nil: // key and +key
			d.Errorf(e.Key, where, "%s is said twice", name).Hint = "write one list; +" + name + " appends to what templates and defaults say"
		default:
			d.attribute(b, a, locatedValue{node: e.Value, appends: adds, path: where})
		}
	}
}

// readNull takes back all attributes below a key that is set to null.
func (d *decoder) readNull(b block, e decode.Entry, t Table, prefix string) {
	for _, a := range t {
		if strings.HasPrefix(a.Key, prefix) {
			b[a] = locatedValue{isNull: true, pos: d.Position(e.Value), decoder: d, layer: d.layer}
		}
	}
}

// attribute reads the value of one attribute into a block.
func (d *decoder) attribute(b block, a *Attribute, v locatedValue) {
	v.pos, v.decoder, v.layer = d.Position(v.node), d, d.layer
	if a.Secret {
		d.Hide(v.node)
	}
	switch {
	case yamldoc.IsNull(yamldoc.FollowAlias(v.node)):
		v.isNull = true
	case d.VariesByCopy(v.node) && (a.Structural && !a.Naming || a.GroupWide):
		d.Errorf(v.node, v.path, "%s is said of the whole group: it cannot refer to a copy", a.Key)
	case d.VariesByCopy(v.node):
		v.perCopy = true
	case !v.read(a, nil) && !a.Structural:
		return
	}
	b[a] = v
}

// read decodes the value for a copy of a group, or for none. It reports false
// when it has told of a mistake.
func (v *locatedValue) read(a *Attribute, m *decode.Copy) bool {
	d := v.decoder
	d.Begin(a.Secret, m)
	before := d.ErrorCount()
	var value any
	var null, ok bool
	v.missing = d.WithDeferral(a.deferrable(), func() {
		if null = yamldoc.IsNull(d.Resolve(v.node)); !null { // an expression of no value
			value, ok = a.Type.decode(d, v.node, v.path)
		}
	})
	if null {
		v.isNull = true
		d.End()
		return true
	}
	if v.missing != nil {
		v.value, v.sensitive = nil, d.End().Sensitive
		return d.ErrorCount() == before
	}
	if ok {
		if wrong := a.Check.Problem(value); wrong != "" {
			d.reportProblem(a, v, wrong, a.Check.Hint(value))
			ok = false
		}
	}
	t := d.End()
	v.sensitive, v.fromSensitiveVar = t.Sensitive, t.FromSensitiveVar
	if !ok || d.ErrorCount() > before {
		return false
	}
	v.value = value
	return true
}

// reportProblem tells what a check found wrong. Of a sensitive value it may not
// tell.
func (d *decoder) reportProblem(a *Attribute, v *locatedValue, wrong, hint string) {
	if d.IsTainted() && !a.Secret {
		d.Errorf(v.node, v.path, "%s", "the sensitive value is not accepted; expected is "+a.Type.Name)
		return
	}
	d.Errorf(v.node, v.path, "%s", wrong).Hint = hint
}

// maybeSecret reports whether an unknown key may stand for a secret attribute:
// it is near the key of one, or near none.
func (t Table) maybeSecret(prefix, name string, known []string) bool {
	k := suggest.Nearest(name, known)
	a := t.find(prefix + k)
	return k == "" || a != nil && a.Secret
}

// alias returns the attribute that other tools give this name, or nil.
func (t Table) alias(prefix, name string) *Attribute {
	for _, a := range t {
		if prefix == "" && slices.Contains(a.Aliases, strings.ToLower(name)) {
			return a
		}
	}
	return nil
}

// nestedKey is the key of the attribute as a spec writes it in a block.
func (a *Attribute) nestedKey() string {
	if above, key, ok := strings.Cut(a.Key, "."); ok {
		return fmt.Sprintf("%s: {%s: ...}", above, key)
	}
	return a.Key
}

// unknownKeyHint is the hint for a key that is not known: the nearest, or all.
func unknownKeyHint(name string, known []string) string {
	if hint := suggest.DidYouMean(name, known); hint != "" {
		return hint
	}
	return "known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
