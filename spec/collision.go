package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Codes of the warnings about environments.
const (
	sameNames = "same-names"
	sameFleet = "same-fleet"
)

// Collisions returns warnings about environments of one spec that conflict in the
// same organisation, at the positions that declare them: two fleets declare objects
// with the same names or, if strict is true, two different environments have the same
// fleet name. fleets are the spec without an environment and with each of them, in
// any order.
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

// nameCollision returns the warning about objects that other fleets declare too, once
// for each pair of fleet names; nil if there are none.
func (f *Fleet) nameCollision(others []*Fleet, reported map[[2]string]bool) *Diagnostic {
	var with, names []string
	shared := map[*Resource]bool{}
	for _, other := range others {
		pair := [2]string{min(f.Name, other.Name), max(f.Name, other.Name)}
		if f.Name == other.Name || reported[pair] {
			continue
		}
		if common := f.sharedNames(other); len(common) > 0 {
			reported[pair] = true
			with = append(with, other.environmentTitle())
			for _, r := range common {
				shared[r] = true
			}
		}
	}
	for _, r := range f.Resources {
		if shared[r] {
			names = append(names, fmt.Sprintf("%s %q", r.Kind, r.Name()))
		}
	}
	if len(names) == 0 {
		return nil
	}
	m := f.environmentWarning(sameNames, "it declares objects with the same names as %s: %s; names are unique in an organisation", strings.Join(with, " and "), summarizeNames(names))
	if m != nil {
		m.Hint = f.separationHint(shared) + "; if they use different organisations, acknowledge the warning"
	}
	return m
}

// separationHint returns how to give the objects different names.
func (f *Fleet) separationHint(objects map[*Resource]bool) string {
	for r := range objects {
		if r.hasGivenName || r.Kind != SandboxKind {
			return "use ${fleet.environment} in their names; this replaces existing objects"
		}
	}
	return fmt.Sprintf("separate them, for example with name_prefix: %s- in the environment; this replaces all existing sandboxes", f.Environment)
}

// sharedNames returns the sandboxes whose names both fleets declare, and the
// snapshots that they declare with different content. Volumes, and snapshots with the
// same content, can be shared.
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

// sameObject reports whether two resources of a kind describe the same object.
func (r *Resource) sameObject(other *Resource) bool {
	return !slices.ContainsFunc(Tables[r.Kind], func(a *Attribute) bool { return a.Role != Option && !r.EqualAttr(other, a) })
}

// summarizeNames returns the first names, and the number of the others.
func summarizeNames(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
}

// fleetCollision returns the warning about an environment with the same fleet name as
// another one and a different spec; nil if there is none.
func (f *Fleet) fleetCollision(others []*Fleet) *Diagnostic {
	i := slices.IndexFunc(others, func(other *Fleet) bool {
		return f.Name == other.Name && f.Environment != "" && other.Environment != "" && f.Fingerprint() != other.Fingerprint()
	})
	if i < 0 {
		return nil
	}
	m := f.environmentWarning(sameFleet, "it has the same fleet name %s as %s: a run for one of them changes the objects of the other", f.Name, others[i].environmentTitle())
	if m != nil {
		m.Hint = fmt.Sprintf("give it a fleet name of its own, such as name: %s-%s; if they use different organisations, acknowledge the warning", f.Name, f.Environment)
	}
	return m
}

// environmentTitle returns the fleet's environment for messages.
func (f *Fleet) environmentTitle() string {
	if f.Environment == "" {
		return "the spec without an environment"
	}
	return "environment " + f.Environment
}

// environmentWarning returns a warning at the declaration of the fleet's environment;
// nil if a comment there acknowledges it.
func (f *Fleet) environmentWarning(code, format string, args ...any) *Diagnostic {
	place, declared := f.environmentDecls[f.Environment]
	if !declared || slices.Contains(place.suppressedCodes, code) {
		return nil
	}
	m := *place.diagnostic
	m.Warning, m.Rule, m.Message = true, code, fmt.Sprintf(format, args...)
	return &m
}

// An environmentDecl is the declaration of an environment.
type environmentDecl struct {
	diagnostic      *Diagnostic // at its position, without a message
	suppressedCodes []string    // codes of acknowledged warnings
}

// environmentDecls returns the declarations of all environments.
func (l *loader) environmentDecls() map[string]environmentDecl {
	places := map[string]environmentDecl{}
	for name, env := range l.environments {
		m := env.d.diagnosticf(env.d.position(env.entry.key), "environments."+name, "")
		_ = l.sortedRedacted(Diagnostics{m}) // removes secrets from its excerpt, in place
		places[name] = environmentDecl{m, env.d.suppressedCodes(m.Pos.Line)}
	}
	return places
}
