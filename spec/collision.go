package spec

import (
	"fmt"
	"slices"
	"strings"
)

// The codes of what environments of one spec do to each other.
const (
	sameNames = "same-names"
	sameFleet = "same-fleet"
)

// Collisions warns of environments of one spec that get in each other's way in
// one organisation, each at the place that declares it: two fleets want objects
// of the same names, or, if strict, two environments that differ are one fleet.
// The fleets are the spec without an environment and with each, in any order.
func Collisions(fleets []*Fleet, strict bool) Diagnostics {
	var found Diagnostics
	reported := map[[2]string]bool{}
	for i, f := range fleets {
		before := fleets[:i]
		if m := f.nameCollision(before, reported); m != nil {
			found = append(found, m)
		}
		if m := f.fleetCollision(before); strict && m != nil {
			found = append(found, m)
		}
	}
	return found
}

// nameCollision warns of objects that other fleets want, too, once for each two
// names of fleets.
func (f *Fleet) nameCollision(others []*Fleet, reported map[[2]string]bool) *Diagnostic {
	var with, names []string
	wanted := map[*Resource]bool{}
	for _, other := range others {
		pair := [2]string{min(f.Name, other.Name), max(f.Name, other.Name)}
		if f.Name == other.Name || reported[pair] {
			continue
		}
		if common := f.sharedNames(other); len(common) > 0 {
			reported[pair] = true
			with = append(with, other.environmentTitle())
			for _, r := range common {
				wanted[r] = true
			}
		}
	}
	for _, r := range f.Resources {
		if wanted[r] {
			names = append(names, fmt.Sprintf("%s %q", r.Kind, r.Name()))
		}
	}
	if len(names) == 0 {
		return nil
	}
	m := f.environmentWarning(sameNames, "it wants objects of the same names as %s: %s; names are unique in an organisation", strings.Join(with, " and "), summarizeNames(names))
	if m != nil {
		m.Hint = f.separationHint(wanted) + "; or acknowledge it where they have organisations of their own"
	}
	return m
}

// separationHint says how to give objects names of their own.
func (f *Fleet) separationHint(objects map[*Resource]bool) string {
	for r := range objects {
		if r.hasGivenName || r.Kind != SandboxKind {
			return "say ${fleet.environment} in the name of each; another name replaces what exists"
		}
	}
	return fmt.Sprintf("keep them apart, as with name_prefix: %s- in the environment; another name_prefix replaces all sandboxes that exist", f.Environment)
}

// sharedNames lists the sandboxes whose names both fleets want, and the snapshots
// that they want with different content. Volumes, and snapshots that are the
// same, can be shared.
func (f *Fleet) sharedNames(other *Fleet) []*Resource {
	var common []*Resource
	sandboxes, snapshots := other.ByName(SandboxKind), other.ByName(SnapshotKind)
	for _, r := range f.Resources {
		theirs := snapshots[r.Name()]
		if r.Kind == SandboxKind && sandboxes[r.Name()] != nil || r.Kind == SnapshotKind && theirs != nil && !r.sameObject(theirs) {
			common = append(common, r)
		}
	}
	return common
}

// sameObject reports whether two resources of a kind make the same object.
func (r *Resource) sameObject(other *Resource) bool {
	return !slices.ContainsFunc(Tables[r.Kind], func(a *Attribute) bool { return a.Role != Option && !r.EqualAttr(other, a) })
}

// summarizeNames is the first of some names, and how many others there are.
func summarizeNames(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
}

// fleetCollision warns of an environment that is one fleet with another one, and
// says something else. Where both say the same, nothing can be mistaken.
func (f *Fleet) fleetCollision(others []*Fleet) *Diagnostic {
	i := slices.IndexFunc(others, func(other *Fleet) bool {
		return f.Name == other.Name && f.Environment != "" && other.Environment != "" && f.Fingerprint() != other.Fingerprint()
	})
	if i < 0 {
		return nil
	}
	m := f.environmentWarning(sameFleet, "it is the fleet %s, as %s is: what is applied for one of them is changed by a run for the other", f.Name, others[i].environmentTitle())
	if m != nil {
		m.Hint = fmt.Sprintf("give it a fleet of its own, as with name: %s-%s; or acknowledge it where they have organisations of their own", f.Name, f.Environment)
	}
	return m
}

// environmentTitle is the fleet's environment for a reader.
func (f *Fleet) environmentTitle() string {
	if f.Environment == "" {
		return "the spec without an environment"
	}
	return "environment " + f.Environment
}

// environmentWarning is a warning where the spec declares the fleet's
// environment; nil where that acknowledges it.
func (f *Fleet) environmentWarning(code, format string, args ...any) *Diagnostic {
	place, declared := f.environmentDecls[f.Environment]
	if !declared || slices.Contains(place.suppressedCodes, code) {
		return nil
	}
	m := *place.diagnostic
	m.Warning, m.Rule, m.Message = true, code, fmt.Sprintf(format, args...)
	return &m
}

// A place is where a spec declares an environment.
type environmentDecl struct {
	diagnostic      *Diagnostic // one about the place, without a message
	suppressedCodes []string    // codes of warnings
}

// environmentDecls are those of all environments.
func (l *loader) environmentDecls() map[string]environmentDecl {
	places := map[string]environmentDecl{}
	for name, env := range l.environments {
		m := env.d.Diagnosticf(env.d.Position(env.entry.Key), "environments."+name, "")
		_ = l.Redacted(Diagnostics{m}) // takes secrets out of its excerpt, in place
		places[name] = environmentDecl{m, env.d.SuppressedCodes(m.Pos.Line)}
	}
	return places
}
