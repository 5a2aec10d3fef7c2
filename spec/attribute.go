package spec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An Attribute is one property that a spec can set for a resource: a row of a
// [Table]. Everything that is particular to an attribute is in its row.
type Attribute struct {
	Key               string // in YAML; a dot means nesting, as in resources.cpu
	API               string // field of the create request and of responses; empty if there is none
	Read              string // field of responses if it differs from API
	Type              Type
	Check             *Check     // rule for values of specs beyond their type; nil accepts all
	Change            Change     // how a difference is corrected in place; zero: by replacing the object
	Visibility        Visibility // which responses include the value
	Label             string     // the label that holds the value, instead of an API field
	FingerprintLetter byte       // the value's letter in the fingerprint; 0 if it is not part of it
	Role              Role       // remote property, option of fleet, or derived value
	Secret            bool       // the value is never printed
	Since             Version    // first server version that supports the field; zero: all
	PerResource       bool       // set for single resources only, not in defaults

	// Structural means that the value shapes a block of the spec, as count does,
	// and is not an attribute of the resulting resources.
	Structural bool

	// Naming means that the value of a structural attribute is part of the names
	// of the copies. It may differ between copies.
	Naming bool

	// GroupWide means that the value is set for a group and is the same for all
	// its copies.
	GroupWide bool

	Ref   Kind // kind of the resource that the value names; empty if it is not a plain name
	Paths bool // the value lists attributes of the same kind; see [Resource.IgnoredPaths]

	DerivedFrom *Attribute // of a derived attribute: the attribute that determines it

	// AllowUnset means that the value may depend on variables that are not set,
	// although it is not a field of the API: it is not needed before the object
	// is created or deleted.
	AllowUnset bool

	// CreateOnly means that the value only affects creation. It is not compared
	// afterwards.
	CreateOnly bool

	// MergesKeys means that the value is a map in which fleet manages only the
	// keys that the spec sets.
	MergesKeys bool

	// Resolve converts a value of the spec to the form that responses have; nil
	// if they have it as sent.
	Resolve func(v any, f Facts) any

	// Unresolve converts a value of a response to the form that a spec has; nil
	// if it is the same.
	Unresolve func(v any, f Facts) any

	ByID bool // create requests have the resolved value, not names

	// Send puts the value into a create request; nil puts it under API.
	Send func(body map[string]any, v any)

	// Recv returns the value in a response, or nil if there is none, given the values
	// of the fields RecvFields, which are nil if absent. A nil Recv reads the field
	// API or Read.
	Recv       func(values []json.RawMessage) any
	RecvFields []string

	// Default is the value that the server chooses if a create request has none;
	// nil if it chooses no fixed value.
	Default any

	// Export converts a value of an object to the value to write to a spec; nil if
	// the attribute is to be omitted, with a reason if the user should know it.
	// before has the attributes of the preceding rows. A nil Export writes the
	// value unchanged.
	Export func(v any, before attributes) (value any, why string)

	Why string // why a difference matters, if the values do not show it
	Doc string // for the reference, in sentences

	// Example is the attribute as a user writes it: YAML of a block, including the
	// key. With is the rest of the block that the example needs. Both may refer to
	// the volume cache, the sandbox main and the template small.
	Example, With string

	ClassRule *ClassRule // values that only some classes of sandboxes support; nil: all classes support all

	// Aliases are the names of the attribute in other tools. They are errors in a
	// spec, with the right key as a hint.
	Aliases []string
}

// A Role is what an attribute describes.
type Role int

// The roles.
const (
	Remote  Role = iota // a property of the remote object
	Option              // how fleet treats the resource
	Derived             // computed from other parts of the spec; not a YAML key
	Part                // a part of the content of other resources, such as a step of an image
)

// Visibility is the set of responses that include an attribute.
type Visibility int

// The sets of responses.
const (
	InLists       Visibility = iota // lists and single objects
	InListsSince                    // single objects; lists of servers from 0.205 on
	InPages                         // single objects and paginated lists, not cursor lists
	InDetail                        // single objects only
	NeverShown                      // none: the value is write-only
	NotInAnyField                   // none: labels, options and derived values
)

// VisibleIn reports whether responses of the server include the attribute: the
// response for a single object if detailed is true, else cursor lists.
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

// holds reports whether the response that the object was read from includes the
// attribute.
func (o *Object) holds(a *Attribute, f Facts) bool {
	return a.VisibleIn(f, o.FullyRead) || o.FromPage && (a.Visibility == InListsSince || a.Visibility == InPages)
}

// A Change is the API call that changes an attribute of an existing object. The
// zero Change means that only a replacement changes it.
type Change struct {
	Method string
	Path   string // relative to the object; {} stands for the value. Attributes with the same path share a call

	// SentTogether means that the call always has all managed attributes with this
	// path, because the server resets those that are missing.
	SentTogether bool

	// Upload means that the value is changed by sending files to the started sandbox.
	// There is no call then: Method and Path are empty. The fingerprint has the digest
	// of the value only while the sandbox has the files.
	Upload bool

	// RunsLast reports whether the call for a value comes after all others; nil
	// means never.
	RunsLast func(want any) bool

	// Rule describes the states in which the call works, for the reference; empty
	// means every state.
	Rule string

	// Mode returns what a change from have to want requires, and the server's rule
	// if that is more than a call. A nil Mode means that the call works in every
	// state.
	Mode func(have, want any) (ChangeMode, string)
}

// A ChangeMode is what a change of an attribute requires.
type ChangeMode int

// The modes, from the least to the most disruptive.
const (
	AnyState         ChangeMode = iota // in place, in every state
	StartedOrStopped                   // in place, while started or stopped
	StoppedOnly                        // in place, while stopped
	RequiresReplace                    // only by replacing the object
)

// isInPlace reports whether some difference can be corrected without a replacement.
func (c Change) isInPlace() bool { return c.Path != "" || c.Upload }

// mode returns what a change from have to want requires, and the server's rule if
// that is more than a call.
func (a *Attribute) mode(have, want any) (ChangeMode, string) {
	switch {
	case a.Label != "" || a.MergesKeys || a.Role == Option || a.Change.Upload:
		return AnyState, ""
	case a.Change.Path == "":
		return RequiresReplace, "cannot be changed in place"
	case a.Change.Mode == nil:
		return AnyState, ""
	}
	return a.Change.Mode(have, want)
}

// isRead reports whether responses have the attribute in fields of its own. Labels are
// read into [Object.Labels].
func (a *Attribute) isRead() bool {
	return a.Role == Remote && a.Label == "" && !a.MergesKeys && (a.API != "" || a.Recv != nil)
}

// readFields returns the names of the fields that hold the attribute in a response.
func (a *Attribute) readFields() []string {
	if a.Recv != nil {
		return a.RecvFields
	}
	return []string{cmp.Or(a.Read, a.API)}
}

// read returns the attribute's value in a response, given the values of its
// readFields. A field that is missing or null has the Absent value of its type.
func (a *Attribute) read(values []json.RawMessage) (any, error) {
	if a.Recv != nil {
		return a.Recv(values), nil
	}
	raw := values[0]
	if raw == nil || string(raw) == "null" {
		return a.Type.Absent, nil
	}
	v, err := a.Type.parse(raw)
	if err != nil {
		return nil, fmt.Errorf("field %s: %w", a.readFields()[0], err)
	}
	return v, nil
}

// Format returns the value as text. Of secret mappings it has only the names, and
// of other secret values a placeholder.
func (a *Attribute) Format(v any) string { return a.format(v, a.Secret, hidden) }

// format is [Attribute.Format] with another placeholder.
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

// missingFrom returns the entries of m that other does not have.
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

// find returns the row with the key, or nil. It does not find derived rows.
func (t Table) find(key string) *Attribute {
	for _, a := range t {
		if a.Key == key && a.Role != Derived {
			return a
		}
	}
	return nil
}

// WriteOnly returns the keys of the attributes that no response of the server
// includes: changes by other clients cannot be detected. Uploaded files are not among
// them, since they can be read from the sandbox.
func WriteOnly(kind Kind) []string {
	var keys []string
	for _, a := range Tables[kind] {
		if a.Role == Remote && a.Visibility == NeverShown && !a.Change.Upload {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// keys lists the YAML keys below a prefix such as "resources.", without the
// prefix. Of nested keys it has the first part, once.
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
