package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/suggest"
)

// What a resource ignores is named by paths: the key of an attribute, what
// such keys begin with, as in resources, or an entry of a mapping, as in
// labels.team.

// ignoresAttr reports whether all differences of the attribute are left as they
// are.
func (r *Resource) ignoresAttr(a *Attribute) bool {
	if a.DerivedFrom != nil {
		a = a.DerivedFrom
	}
	return slices.ContainsFunc(r.IgnoredPaths(), func(path string) bool { return path == a.Key || strings.HasPrefix(a.Key, path+".") })
}

// ignoredEntries lists the entries of the attribute's mapping whose differences are
// left as they are.
func (r *Resource) ignoredEntries(a *Attribute) []string {
	var entries []string
	for _, path := range r.IgnoredPaths() {
		if entry, ok := strings.CutPrefix(path, a.Key+"."); ok && a.IsMapping() {
			entries = append(entries, entry)
		}
	}
	return entries
}

// IsMapping reports whether the values are mappings of texts.
func (a *Attribute) IsMapping() bool { _, ok := a.Type.Absent.(map[string]string); return ok }

// withoutEntries is a mapping without some entries, and any other value itself.
func withoutEntries(v any, entries []string) any {
	m, ok := v.(map[string]string)
	if !ok || len(entries) == 0 {
		return v
	}
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(k, _ string) bool { return slices.Contains(entries, k) })
	return m
}

// onlyEntries is a mapping with no more than some entries.
func onlyEntries(v any, entries []string) any {
	m, _ := v.(map[string]string)
	rest := map[string]string{}
	for _, k := range entries {
		if x, ok := m[k]; ok {
			rest[k] = x
		}
	}
	return rest
}

// ignorable checks the paths of a list against a table.
func (d *decoder) ignorable(n *yaml.Node, t Table, at string) bool {
	items, ok := d.Sequence(n, at)
	for i, item := range items {
		where := fmt.Sprintf("%s[%d]", at, i)
		path, good := d.Text(item, where)
		if !good {
			return false
		}
		if wrong, hint := t.PathProblem(path); wrong != "" {
			d.Errorf(item, where, "%s", wrong).Hint = hint
			ok = false
		}
	}
	return ok
}

// PathProblem says what is wrong with the path of what is to be ignored, and
// what to do about it.
func (t Table) PathProblem(path string) (wrong, hint string) {
	known := []string{}
	for _, a := range t {
		entry, inside := strings.CutPrefix(path, a.Key+".")
		switch {
		case a.Role == Derived:
			continue
		case path == a.Key:
			return a.notIgnorable()
		case inside && !a.IsMapping():
			return fmt.Sprintf("%s has no entries: there is no %s", a.Key, path), ""
		case inside && a.Change.Path != "":
			return fmt.Sprintf("%s is written as a whole, so that no part of it can be left as it is", a.Key), "ignore " + a.Key
		case inside:
			return a.Check.Problem(map[string]string{entry: ""}), ""
		case strings.HasPrefix(a.Key, path+"."):
			return "", ""
		}
		if wrong, _ := a.notIgnorable(); wrong == "" {
			known = append(known, a.Key)
		}
	}
	hint = suggest.DidYouMean(path, known)
	if first, entry, nested := strings.Cut(path, "."); hint == "" && nested {
		if k := suggest.Nearest(first, known); k != "" {
			hint = suggest.DidYouMean(path, []string{k + "." + entry})
		}
	}
	return fmt.Sprintf("there is no attribute %q", path), hint
}

// notIgnorable says why the attribute as a whole cannot be ignored, and what to do
// instead; nothing when it can.
func (a *Attribute) notIgnorable() (wrong, hint string) {
	switch {
	case a.Key == nameRow.Key:
		return "another name is another sandbox, which cannot be ignored", ""
	case a == stateRow:
		return "state cannot be ignored", "leave state out: run state is not managed then"
	case a == ephemeralRow:
		return "ephemeral is another word for auto_delete_interval", "ignore auto_delete_interval"
	case a.Role == Option || strings.HasPrefix(a.Label, labelPrefix):
		return fmt.Sprintf("%s is about what fleet does, and nothing that could differ", a.Key), ""
	case a.CreateOnly:
		return fmt.Sprintf("%s matters only when the sandbox is created, and is not compared", a.Key), ""
	}
	return "", ""
}

// splitsCalls reports whether a block ignores one of two attributes that are
// written together, and not the other: the server resets the one that it is
// not sent.
func splitsCalls(b block) bool {
	list, _ := b[ignoreRow].value.([]string)
	r := &Resource{Attrs: Attrs{ignoreRow: list}}
	ignored, kept := map[string]bool{}, map[string]bool{}
	for a := range b {
		if a.Change.SentTogether && r.ignoresAttr(a) {
			ignored[a.Change.Path] = true
		} else if a.Change.SentTogether {
			kept[a.Change.Path] = true
		}
	}
	for path := range ignored {
		if kept[path] {
			return true
		}
	}
	return false
}
