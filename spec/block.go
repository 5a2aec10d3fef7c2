package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// A block is the attributes that a spec sets for one resource in one place.
type block map[*Attribute]locatedValue

// A locatedValue is a value and its position in a spec.
type locatedValue struct {
	value            any
	pos              Position
	decoder          *decoder // of the file
	layer            string   // kind of the layer, for explanations; empty for the resource's own block
	sensitive        bool     // it contains a sensitive value
	fromSensitiveVar bool     // it contains the value of a sensitive variable
	isNull           bool     // null: it removes the value of the layers below
	appends          bool     // +key: it is appended to the value of the layers below
	perCopy          bool     // the value refers to the copy of a group, and is read for each copy
	node             *yaml.Node
	path             string
	missing          []*Diagnostic // variables that it depends on and that are not set; its value is then unknown
	base             *locatedValue // the value that it is merged with or appended to; nil if there is none
}

// A blockDecl is a named block of a section, in layers of increasing precedence.
type blockDecl struct {
	Address
	layers       []block
	pos          Position
	decoder      *decoder
	merged       block // all layers merged
	disabled     bool  // enabled is false
	flawed       bool  // an error in a value was reported, so that others may be missing
	copiesDiffer bool  // the copies differ in more than their names
}

// AppendPrefix marks a key whose list is appended to that of the layers below.
const AppendPrefix = "+"

// block reads a mapping of attributes. Nested keys belong to rows with dotted keys.
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
		if strings.Contains(name, ".") { // resources.cpu must be written as a nested mapping
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
			d.Errorf(e.Value, where, "there is nothing to append").Hint = "to remove the value of templates and defaults, write " + name + ": null"
		case b.has(a) && (b[a].node != nil || !b[a].isNull): // key and +key, and not a null above
			d.Errorf(e.Key, where, "%s is set twice", name).Hint = "write one list; +" + name + " appends to the list of templates and defaults"
		default:
			d.attribute(b, a, locatedValue{node: e.Value, appends: adds, path: where})
		}
	}
}

// readNull removes all attributes below a key that is null.
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
		d.Errorf(v.node, v.path, "%s applies to the whole group and cannot refer to a copy", a.Key)
	case d.VariesByCopy(v.node):
		v.perCopy = true
	case !v.read(a, nil) && !a.Structural:
		return
	}
	d.share(a, &v)
	if !d.explains && !v.needsNode(a) {
		v.node = nil
	}
	b[a] = v
}

// share replaces a mapping of texts by the one that was read last, if they are equal:
// the blocks of a large spec often have the same ones.
func (d *decoder) share(a *Attribute, v *locatedValue) {
	m, ok := v.value.(map[string]string)
	if !ok {
		return
	}
	if len(m) > 0 && maps.Equal(m, d.latest[a]) {
		v.value = d.latest[a]
		return
	}
	if d.latest == nil {
		d.latest = map[*Attribute]map[string]string{}
	}
	d.latest[a] = m
}

// hasNodes reports whether a value of the block has its YAML.
func (b block) hasNodes() bool {
	for _, v := range b {
		if v.node != nil {
			return true
		}
	}
	return false
}

// needsNode reports whether the YAML of a value that was read is read again. That of
// others is released, since it takes most of the memory of a large spec.
func (v *locatedValue) needsNode(a *Attribute) bool {
	if v.value == nil || v.perCopy || a.Paths || a.Naming || decode.EmptyEntry(v.value) != "" {
		return true
	}
	if a.Secret && a.Type.merge != nil {
		for range v.literalSecrets() {
			return true
		}
	}
	return false
}

// read decodes the value, for a copy of a group if m is not nil. It returns false
// after reporting an error.
func (v *locatedValue) read(a *Attribute, m *decode.Copy) bool {
	d := v.decoder
	d.Begin(a.Secret, m)
	before := d.ErrorCount()
	var value any
	var null, ok bool
	v.missing = d.WithDeferral(a.deferrable(), func() {
		if null = yamldoc.IsNull(d.Resolve(v.node)); !null { // null may be the result of an expression
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

// reportProblem reports what a check found wrong. The message for a sensitive value
// does not contain it.
func (d *decoder) reportProblem(a *Attribute, v *locatedValue, wrong, hint string) {
	if d.IsTainted() && !a.Secret {
		d.Errorf(v.node, v.path, "%s", "the sensitive value is not valid; expected "+a.Type.Name)
		return
	}
	d.Errorf(v.node, v.path, "%s", wrong).Hint = hint
}

// maybeSecret reports whether an unknown key may be a misspelt secret attribute: it is
// similar to the key of one, or to no key.
func (t Table) maybeSecret(prefix, name string, known []string) bool {
	k := suggest.Nearest(name, known)
	a := t.find(prefix + k)
	return k == "" || a != nil && a.Secret
}

// alias returns the attribute that has this name in other tools, or nil.
func (t Table) alias(prefix, name string) *Attribute {
	for _, a := range t {
		if prefix == "" && slices.Contains(a.Aliases, strings.ToLower(name)) {
			return a
		}
	}
	return nil
}

// nestedKey returns the key of the attribute as YAML of a block.
func (a *Attribute) nestedKey() string {
	if above, key, ok := strings.Cut(a.Key, "."); ok {
		return fmt.Sprintf("%s: {%s: ...}", above, key)
	}
	return a.Key
}

// unknownKeyHint returns the hint for an unknown key: the most similar one, or all.
func unknownKeyHint(name string, known []string) string {
	if hint := suggest.DidYouMean(name, known); hint != "" {
		return hint
	}
	return "known keys are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
