package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An Attribute is one thing that a spec can say about a resource: a row of a
// [Table]. Whatever is particular to an attribute stands in its row.
type Attribute struct {
	Key               string // in YAML; a dot stands for nesting, as in resources.cpu
	API               string // field of the create request and of answers; empty when not a field
	Read              string // field of answers, where it is not API
	Type              Type
	Check             *Check     // what a wanted value must satisfy beyond its type; nil accepts all
	Change            Change     // how a difference is put right in place; the zero Change replaces
	Visibility        Visibility // which answers hold the value
	Label             string     // the label that holds the value, instead of an API field
	FingerprintLetter byte       // the letter under which the value is sealed; 0 when every list shows it
	Role              Role       // what the attribute is about
	Secret            bool       // never print the value
	Since             Version    // the first server that knows the field; zero: all
	PerResource       bool       // said of one resource only, not in defaults

	// Structural means that the value shapes what the spec says and is no
	// attribute of the resources that come of it.
	Structural bool

	// Naming means that the value of a structure is part of the names of its
	// copies, and may differ from copy to copy.
	Naming bool

	// GroupWide means that the value is said of a group, and is the same for all copies.
	GroupWide bool

	Ref   Kind // the kind of resource that the value names, if it is a plain name
	Paths bool // the value lists attributes of the same kind; see [Resource.Ignored]

	DerivedFrom *Attribute // the attribute that a derived one follows from

	// AllowUnset means that the value, though no field of the API, is not needed before
	// the object is created, compared or deleted: it may be unset until then.
	AllowUnset bool

	// CreateOnly means that the value matters while the object is created, and
	// is not compared afterwards.
	CreateOnly bool

	// MergesKeys means that the value is a map of which only the wanted keys are
	// managed.
	MergesKeys bool

	// Resolve is the wanted value as the server will show it; nil when it is
	// shown as sent.
	Resolve func(v any, f Facts) any

	// Unresolve is what the server shows as a spec would say it; nil when it is the
	// same.
	Unresolve func(v any, f Facts) any

	ByID bool // requests take the resolved value, not names

	// Send puts the value into a create request; nil puts it under API.
	Send func(body map[string]any, v any)

	// Recv finds the value in an answer; nil reads it from API or Read. It
	// returns nil when the answer does not hold it.
	Recv func(fields map[string]json.RawMessage) any

	// Default is what the server gives to an object that is created without the
	// attribute; nil where that is nothing, or depends.
	Default any

	// Export is what a spec says to have a value that is shown, beside what it says
	// of the rows before: nil for nothing, with the reason if it is one that a
	// reader should know. A nil func says the value.
	Export func(v any, beside Attrs) (said any, why string)

	Why string // why a difference matters, where the values say nothing to a reader
	Doc string // for the reference, in sentences

	// Example is the attribute as a user writes it: YAML of a block, with its
	// key. With is what it needs beside it in the block. It may speak of the
	// volume cache, the sandbox main and the template small.
	Example, With string

	ClassRule *ClassRule // what not all classes of sandboxes can have; nil for what all can

	// Aliases are what other tools call the attribute: a spec that says one is
	// told the key.
	Aliases []string
}

// A Role tells what an attribute is about.
type Role int

// The roles.
const (
	Remote  Role = iota // a property of the remote object
	Option              // what fleet does with the resource
	Derived             // follows from other parts of the spec; not a YAML key
)

// Visibility tells which answers hold an attribute.
type Visibility int

// The places in which an attribute can be read.
const (
	InLists       Visibility = iota // lists and single objects
	InListsSince                    // single objects; lists of servers from 0.205 on
	InPages                         // single objects and numbered lists, not lists by cursor
	InDetail                        // single objects only
	NeverShown                      // no answer: the value can only be written
	NotInAnyField                   // labels, options and derived values
)

// VisibleIn reports whether an object read from the server, from a list or by
// itself (detailed), holds the attribute.
func (a *Attribute) VisibleIn(f Facts, detailed bool) bool {
	switch a.Visibility {
	case InLists:
		return true
	case InListsSince:
		return detailed || f.Version.AtLeast(v0205)
	case InPages, InDetail:
		return detailed
	}
	return false
}

// holds reports whether the object, as it was read, holds the attribute.
func (o *Object) holds(a *Attribute, f Facts) bool {
	return a.VisibleIn(f, o.FullyRead) || o.FromPage && (a.Visibility == InListsSince || a.Visibility == InPages)
}

// A Change is the API call that changes an attribute of a living object. The
// zero Change means that there is none.
type Change struct {
	Method string
	Path   string // relative to the object; {} stands for the value. Attributes with one path share a call

	// SentTogether means that a call that sets one such attribute sets all of its
	// path that are managed.
	SentTogether bool

	// RunsLast says of a wanted value that its call comes after all others; nil: never.
	RunsLast func(want any) bool

	// Rule is what the calls demand of the sandbox, in words; empty when they
	// work in every state.
	Rule string

	// Mode tells what it takes to turn have into want, and the rule in words
	// when that is more than the call; nil: the call works in every state.
	Mode func(have, want any) (ChangeMode, string)
}

// A ChangeMode is what it takes to change an attribute.
type ChangeMode int

// The modes, from the least to the most disturbing.
const (
	AnyState         ChangeMode = iota // in place, in every state
	StartedOrStopped                   // in place, when started or stopped
	StoppedOnly                        // in place, when stopped
	RequiresReplace                    // only by replacing the object
)

// mode is how to change a from have to want, and the rule that demands more
// than an ordinary call.
func (a *Attribute) mode(have, want any) (ChangeMode, string) {
	switch {
	case a.Label != "" || a.MergesKeys || a.Role == Option:
		return AnyState, ""
	case a.Change.Path == "":
		return RequiresReplace, "cannot be changed in place"
	case a.Change.Mode == nil:
		return AnyState, ""
	}
	return a.Change.Mode(have, want)
}

// read is the attribute's value in an answer. What an answer leaves out or
// sets to null has the value that the type gives to absence.
func (a *Attribute) read(fields map[string]json.RawMessage) (any, error) {
	if a.Recv != nil {
		return a.Recv(fields), nil
	}
	name := a.API
	if a.Read != "" {
		name = a.Read
	}
	raw, ok := fields[name]
	if !ok || string(raw) == "null" {
		return a.Type.Absent, nil
	}
	v, err := a.Type.parse(raw)
	if err != nil {
		return nil, fmt.Errorf("field %s: %w", name, err)
	}
	return v, nil
}

// Format is the value for a reader. Of secret values only the names are shown.
func (a *Attribute) Format(v any) string { return a.format(v, a.Secret, hidden) }

// format shows mask for what is secret.
func (a *Attribute) format(v any, secret bool, mask string) string {
	if m, ok := v.(map[string]string); secret && ok {
		hidden := make(map[string]string, len(m))
		for k := range m {
			hidden[k] = mask
		}
		v = hidden
	} else if secret && v != nil {
		return mask
	}
	return a.Type.Format(v)
}

// missingFrom is what of m is not in other.
func missingFrom(m, other map[string]string) map[string]string {
	rest := map[string]string{}
	for k, v := range m {
		if o, ok := other[k]; !ok || o != v {
			rest[k] = v
		}
	}
	return rest
}

// A Table holds the attributes of one kind in the order of the reference.
type Table []*Attribute

// Tables holds the attribute table of every kind that has attributes.
var Tables = map[Kind]Table{
	SandboxKind:  sandboxTable,
	SnapshotKind: snapshotTable,
	VolumeKind:   volumeTable,
}

// find returns the row with the key, or nil.
func (t Table) find(key string) *Attribute {
	for _, a := range t {
		if a.Key == key && a.Role != Derived {
			return a
		}
	}
	return nil
}

// WriteOnly returns the keys of the attributes that no answer of the server
// holds: a change of them by others cannot be seen.
func WriteOnly(kind Kind) []string {
	var keys []string
	for _, a := range Tables[kind] {
		if a.Role == Remote && a.Visibility == NeverShown {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// keys lists the YAML keys below a prefix such as "resources.", which is cut
// off; nested keys count once, by their first part.
func (t Table) keys(prefix string) []string {
	var keys []string
	for _, a := range t {
		rest, ok := strings.CutPrefix(a.Key, prefix)
		if !ok || a.Role == Derived {
			continue
		}
		key, _, _ := strings.Cut(rest, ".")
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Read picks the table's attributes out of an object as the API answers it.
func (t Table) Read(fields map[string]json.RawMessage) (Attrs, error) {
	attrs := make(Attrs, len(t))
	for _, a := range t {
		if a.Role != Remote || a.Label != "" || a.API == "" && a.Recv == nil {
			continue
		}
		v, err := a.read(fields)
		if err != nil {
			return nil, err
		}
		if v != nil {
			attrs[a] = v
		}
	}
	return attrs, nil
}

// Attrs holds values by attribute. In a wanted resource an absent attribute is
// not managed: it is neither sent nor compared.
type Attrs map[*Attribute]any

// text is a string attribute, or "".
func (as Attrs) text(a *Attribute) string { s, _ := as[a].(string); return s }

// flag is a boolean attribute, or false.
func (as Attrs) flag(a *Attribute) bool { b, _ := as[a].(bool); return b }

// number is a whole-number attribute, or 0.
func (as Attrs) number(a *Attribute) int { n, _ := as[a].(int); return n }
