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
func Collisions(fleets []*Fleet, strict bool) Mistakes {
	var found Mistakes
	told := map[[2]string]bool{}
	for i, f := range fleets {
		before := fleets[:i]
		if m := f.sameNames(before, told); m != nil {
			found = append(found, m)
		}
		if m := f.sameFleet(before); strict && m != nil {
			found = append(found, m)
		}
	}
	return found
}

// sameNames warns of objects that other fleets want, too, once for each two
// names of fleets.
func (f *Fleet) sameNames(others []*Fleet, told map[[2]string]bool) *Mistake {
	var with, names []string
	wanted := map[*Resource]bool{}
	for _, other := range others {
		pair := [2]string{min(f.Name, other.Name), max(f.Name, other.Name)}
		if f.Name == other.Name || told[pair] {
			continue
		}
		if common := f.common(other); len(common) > 0 {
			told[pair] = true
			with = append(with, other.called())
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
	m := f.environmentWarning(sameNames, "it wants objects of the same names as %s: %s; names are unique in an organisation", strings.Join(with, " and "), few(names))
	if m != nil {
		m.Hint = f.apart(wanted) + "; or acknowledge it where they have organisations of their own"
	}
	return m
}

// apart says how to give objects names of their own.
func (f *Fleet) apart(objects map[*Resource]bool) string {
	for r := range objects {
		if r.given || r.Kind != SandboxKind {
			return "say ${fleet.environment} in the name of each; another name replaces what exists"
		}
	}
	return fmt.Sprintf("keep them apart, as with name_prefix: %s- in the environment; another name_prefix replaces all sandboxes that exist", f.Environment)
}

// common lists the sandboxes whose names both fleets want, and the snapshots
// that they want with different content. Volumes, and snapshots that are the
// same, can be shared.
func (f *Fleet) common(other *Fleet) []*Resource {
	var common []*Resource
	sandboxes, snapshots := other.Named(SandboxKind), other.Named(SnapshotKind)
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
	return !slices.ContainsFunc(Tables[r.Kind], func(a *Attribute) bool { return a.Role != Option && !r.Agrees(other, a) })
}

// few is the first of some names, and how many others there are.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
}

// sameFleet warns of an environment that is one fleet with another one, and
// says something else. Where both say the same, nothing can be mistaken.
func (f *Fleet) sameFleet(others []*Fleet) *Mistake {
	i := slices.IndexFunc(others, func(other *Fleet) bool {
		return f.Name == other.Name && f.Environment != "" && other.Environment != "" && f.Fingerprint() != other.Fingerprint()
	})
	if i < 0 {
		return nil
	}
	m := f.environmentWarning(sameFleet, "it is the fleet %s, as %s is: what is applied for one of them is changed by a run for the other", f.Name, others[i].called())
	if m != nil {
		m.Hint = fmt.Sprintf("give it a fleet of its own, as with name: %s-%s; or acknowledge it where they have organisations of their own", f.Name, f.Environment)
	}
	return m
}

// called is the fleet's environment for a reader.
func (f *Fleet) called() string {
	if f.Environment == "" {
		return "the spec without an environment"
	}
	return "environment " + f.Environment
}

// environmentWarning is a warning where the spec declares the fleet's
// environment; nil where that acknowledges it.
func (f *Fleet) environmentWarning(code, format string, args ...any) *Mistake {
	place, declared := f.places[f.Environment]
	if !declared || slices.Contains(place.acknowledged, code) {
		return nil
	}
	m := *place.remark
	m.Warning, m.Rule, m.Message = true, code, fmt.Sprintf(format, args...)
	return &m
}

// A place is where a spec declares an environment.
type place struct {
	remark       *Mistake // one about the place, without a message
	acknowledged []string // codes of warnings
}

// places are those of all environments.
func (l *loader) places() map[string]place {
	places := map[string]place{}
	for name, env := range l.environments {
		m := env.d.remark(env.d.at(env.entry.key), "environments."+name, "")
		_ = l.shown(Mistakes{m}) // takes secrets out of its excerpt, in place
		places[name] = place{m, env.d.acknowledged(m.Pos.Line)}
	}
	return places
}
