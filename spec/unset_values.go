package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Unset selects the variables that a spec may use although they are not set.
type Unset int

// The selections.
const (
	UnsetNothing     Unset = iota // every value must be set
	UnsetEnvironment              // environment variables: from_env and ${env.NAME}
	UnsetAll                      // and the variables of the spec
)

// deferrable reports whether a value of the attribute may be unset while the
// spec is read. Names are needed to find the object.
func (a *Attribute) deferrable() bool {
	return !a.Structural && a.Key != nameRow.Key && (a.API != "" || a.AllowUnset)
}

// deferUnset notes that the value which is read now depends on one that is not set.
// It reports false where the value is needed: then it is a mistake.
func (d *decoder) deferUnset(ms ...*Diagnostic) bool {
	if d.deferring {
		d.missing = append(d.missing, ms...)
	}
	return d.deferring
}

// unsetDiagnostic is what is reported about the value of a name that is not set.
func (d *decoder) unsetDiagnostic(pos Position, path, name, message, hint string) *Diagnostic {
	m := d.diagnosticf(pos, path, "%s", message)
	m.Hint, m.unset = hint, name
	return m
}

// withDeferral calls read for a value that may be unset, and returns what it
// lacks.
func (d *decoder) withDeferral(may bool, read func()) []*Diagnostic {
	deferring, missing := d.deferring, d.missing
	d.deferring, d.missing = may && d.loader.options.Unset > UnsetNothing, nil
	read()
	lacks := d.missing
	d.deferring, d.missing = deferring, missing
	return lacks
}

// recordUnset records values that are not set, each once, and returns the records.
func (l *loader) recordUnset(ms []*Diagnostic) []*Diagnostic {
	noted := make([]*Diagnostic, len(ms))
	for i, m := range ms {
		id := m.Pos.String() + m.Message
		if l.reportedUnset[id] == nil {
			l.reportedUnset[id] = m
			l.unset = append(l.unset, m)
		}
		noted[i] = l.reportedUnset[id]
	}
	return noted
}

// recordUnsetVar notes that a variable of the spec has no value, or tells of it
// where it must have one.
func (l *loader) recordUnsetVar(v *variable) {
	if l.options.Unset == UnsetAll {
		l.recordUnset(v.missing)
		return
	}
	v.state = evalFailed
	l.report(v.missing...)
}

// unknownAttrs returns the attributes of the block with unknown values, and the variables
// that are not set; nil if there are none.
func (l *loader) unknownAttrs(b block) map[*Attribute][]*Diagnostic {
	var unset map[*Attribute][]*Diagnostic
	for a, v := range b {
		if v.missing == nil {
			continue
		}
		if unset == nil {
			unset = map[*Attribute][]*Diagnostic{}
		}
		unset[a] = l.recordUnset(v.missing)
	}
	return unset
}

// hasUnknown reports whether a value that rules depend on is unknown. Rules do not depend
// on entries of mappings.
func (b block) hasUnknown() bool {
	for a, v := range b {
		if v.missing != nil && a.Type.merge == nil {
			return true
		}
	}
	return false
}

// markUnknownImage marks the image of a resource as unknown if it, or an entrypoint added
// to it, depends on variables that are not set. It reports whether it did.
func (l *loader) markUnknownImage(r *Resource, a *Attribute, i Image) bool {
	def, declared := l.images[i.Name]
	missing := def.missing
	if declared {
		missing = slices.Concat(missing, r.unset[entrypointRow])
	}
	if missing == nil {
		return false
	}
	r.markUnknown(a, l.recordUnset(missing))
	return true
}

// setContent sets the digest of the content of a sandbox's snapshot.
func (l *loader) setContent(r, snapshot *Resource) {
	for _, a := range snapshotTable {
		if missing := snapshot.unset[a]; missing != nil {
			r.markUnknown(contentRow, missing)
			return
		}
	}
	r.attrs[contentRow] = l.content(snapshot)
}

// markUnknown removes an attribute whose value is unknown, because it depends on variables
// that are not set.
func (r *Resource) markUnknown(a *Attribute, missing []*Diagnostic) {
	unset := make(map[*Attribute][]*Diagnostic, len(r.unset)+1) // copies of a group share it
	for k, v := range r.unset {
		unset[k] = v
	}
	unset[a] = missing
	r.unset = unset
	delete(r.attrs, a)
}

// Unset returns the keys of the attributes with unknown values, which depend on variables
// that are not set. They are not sent and not compared.
func (r *Resource) Unset() []string {
	return r.unsetKeys(func(*Attribute) bool { return true })
}

// UncomparedUnset returns the keys of [Resource.Unset] that would otherwise be compared
// with an existing object.
func (r *Resource) UncomparedUnset() []string {
	return r.unsetKeys(func(a *Attribute) bool { return a.Role != Option && !a.CreateOnly })
}

func (r *Resource) unsetKeys(of func(*Attribute) bool) []string {
	if r.unset == nil {
		return nil
	}
	var keys []string
	for _, a := range Tables[r.Kind] {
		if r.unset[a] != nil && of(a) {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// SnapshotUnset reports whether the snapshot of the sandbox is unknown, because it depends
// on variables that are not set.
func (r *Resource) SnapshotUnset() bool {
	return len(r.unsetKeys(func(a *Attribute) bool { return a.Ref == SnapshotKind })) > 0
}

// LabelsUnset reports whether labels of the sandbox are unknown, because they depend on
// variables that are not set.
func (r *Resource) LabelsUnset() bool {
	return len(r.unsetKeys(func(a *Attribute) bool { return a.MergesKeys || a.Label != "" })) > 0
}

// UnsetBeforeDestroy returns an error for each variable that the hook before_destroy uses
// and that is not set.
func (r *Resource) UnsetBeforeDestroy() Diagnostics { return r.unset[beforeDestroyRow] }

// Unset returns an error for each variable that the spec uses and that is not set. It is
// empty unless the spec was read with [Options.Unset].
func (f *Fleet) Unset() Diagnostics { return f.unset }

// UnsetInHooks returns the errors of [Fleet.Unset] that affect the hooks before and after
// a run.
func (f *Fleet) UnsetInHooks() Diagnostics { return f.unsetInHooks }

// UnsetSummary returns the names of the variables that are not set, with the position of
// their first use, such as "$TOKEN (fleet.yaml:5:12), var.size (fleet.yaml:3:3)". It lists
// at most five.
func (f *Fleet) UnsetSummary() string {
	const few = 5
	var parts []string
	seen := map[string]bool{}
	for _, m := range f.unset {
		if seen[m.unset] {
			continue
		}
		seen[m.unset] = true
		if len(seen) <= few {
			parts = append(parts, fmt.Sprintf("%s (%s)", m.unset, m.Pos))
		}
	}
	if n := len(seen) - few; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(parts, ", ")
}
