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

// unknownAttrs returns the attributes of the block whose values are unknown, with what
// they lack; nil when there are none.
func (l *loader) unknownAttrs(b block) map[*Attribute][]*Diagnostic {
	var unset map[*Attribute][]*Diagnostic
	for a, v := range b {
		if v.missing == nil {
			continue
		}
		if unset == nil {
			unset = map[*Attribute][]*Diagnostic{}
		}
		unset[a] = l.RecordUnset(v.missing)
	}
	return unset
}

// hasUnknown reports whether a value of the block is unknown that combinations
// of attributes may depend on: they do not depend on entries of mappings.
func (b block) hasUnknown() bool {
	for a, v := range b {
		if v.missing != nil && a.Type.merge == nil {
			return true
		}
	}
	return false
}

// markUnknownImage notes that the image of a resource, or what is added to it, is
// unknown, and reports whether it is.
func (l *loader) markUnknownImage(r *Resource, a *Attribute, i Image) bool {
	def, declared := l.images[i.Name]
	missing := def.missing
	if declared {
		missing = slices.Concat(missing, r.unset[entrypointRow])
	}
	if missing == nil {
		return false
	}
	r.markUnknown(a, l.RecordUnset(missing))
	return true
}

// setContent gives a sandbox the content of its snapshot of the spec.
func (l *loader) setContent(r, snapshot *Resource) {
	for _, a := range snapshotTable {
		if missing := snapshot.unset[a]; missing != nil {
			r.markUnknown(contentRow, missing)
			return
		}
	}
	r.Attrs[contentRow] = l.content(snapshot)
}

// markUnknown notes that the value of an attribute depends on one that is not set:
// it is unknown, and the resource has none.
func (r *Resource) markUnknown(a *Attribute, missing []*Diagnostic) {
	unset := make(map[*Attribute][]*Diagnostic, len(r.unset)+1) // copies of a group share it
	for k, v := range r.unset {
		unset[k] = v
	}
	unset[a] = missing
	r.unset = unset
	delete(r.Attrs, a)
}

// Unset lists the attributes whose wanted values are unknown, since they depend
// on values that are not set. They are neither sent nor compared.
func (r *Resource) Unset() []string {
	return r.unsetKeys(func(*Attribute) bool { return true })
}

// UncomparedUnset lists those of [Resource.Unset] that would be compared with an
// object that exists.
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

// SnapshotUnset reports whether it is unknown which snapshot the sandbox is to be
// made from.
func (r *Resource) SnapshotUnset() bool {
	return len(r.unsetKeys(func(a *Attribute) bool { return a.Ref == SnapshotKind })) > 0
}

// LabelsUnset reports whether labels of the sandbox are unknown, since they
// depend on values that are not set.
func (r *Resource) LabelsUnset() bool {
	return len(r.unsetKeys(func(a *Attribute) bool { return a.MergesKeys || a.Label != "" })) > 0
}

// UnsetBeforeDestroy returns a mistake for each value that the hook before the
// sandbox is deleted refers to and that is not set.
func (r *Resource) UnsetBeforeDestroy() Diagnostics { return r.unset[beforeDestroyRow] }

// Unset returns a mistake for each value that the spec refers to and that is
// not set. It is empty unless the spec was read with [Options.Unset].
func (f *Fleet) Unset() Diagnostics { return f.unset }

// UnsetInHooks returns those of [Fleet.Unset] that the hooks before and after
// each run refer to.
func (f *Fleet) UnsetInHooks() Diagnostics { return f.unsetInHooks }

// UnsetSummary returns the names of the values that are not set, and where the
// spec first refers to them, such as "$TOKEN (fleet.yaml:5:12), var.size
// (fleet.yaml:3:3)". It names at most a few.
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
