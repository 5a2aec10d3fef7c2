package spec

import (
	"fmt"
	"slices"
	"strings"
)

// deferrable reports whether a value of the attribute may be unset while the
// spec is read. Names are needed to find the object.
func (a *Attribute) deferrable() bool {
	return !a.Structural && a.Key != nameRow.Key && (a.API != "" || a.AllowUnset)
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
		if unset[a] = v.missing; a.Role != Part { // a part only matters to what uses it
			unset[a] = l.RecordUnset(v.missing)
		}
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
	var missing []*Diagnostic
	if def := l.images[i.Name]; def != nil {
		missing = slices.Concat(def.missing, r.unset[entrypointRow])
	}
	if missing == nil {
		return false
	}
	r.markUnknown(a, l.RecordUnset(missing))
	return true
}

// setContent sets the digest of the content of a sandbox's snapshot.
func (l *loader) setContent(r, snapshot *Resource) {
	for _, a := range snapshotTable {
		if missing := snapshot.unset[a]; missing != nil && snapshot.Version() == "" {
			r.markUnknown(contentRow, missing)
			return
		}
	}
	r.attrs.set(contentRow, l.content(snapshot))
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
	r.attrs.remove(a)
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
		if seen[m.Unset] {
			continue
		}
		seen[m.Unset] = true
		if len(seen) <= few {
			parts = append(parts, fmt.Sprintf("%s (%s)", m.Unset, m.Pos))
		}
	}
	if n := len(seen) - few; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(parts, ", ")
}
