package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/suggest"
)

// The attribute ignore lists paths: the key of an attribute, a prefix of keys such as
// resources, or an entry of a mapping such as labels.team.

// ignoresAttr reports whether all differences of the attribute are ignored.
func (r *Resource) ignoresAttr(a *Attribute) bool {
	if a.DerivedFrom != nil {
		a = a.DerivedFrom
	}
	return slices.ContainsFunc(r.IgnoredPaths(), func(path string) bool { return path == a.Key || strings.HasPrefix(a.Key, path+".") })
}

// ignoredEntries returns the entries of the attribute's mapping that are ignored.
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

// withoutEntries returns a mapping without the entries; any other value unchanged.
func withoutEntries(v any, entries []string) any {
	m, ok := v.(map[string]string)
	if !ok || len(entries) == 0 {
		return v
	}
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(k, _ string) bool { return slices.Contains(entries, k) })
	return m
}

// onlyEntries returns a mapping with only the entries.
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

// checkIgnored reports the paths of a list that a table does not have.
func (d *decoder) checkIgnored(n *yaml.Node, t Table, at string) {
	items, _ := d.Sequence(n, at)
	for i, item := range items {
		where := fmt.Sprintf("%s[%d]", at, i)
		path, isText := d.Text(item, where)
		if !isText {
			return
		}
		if wrong, hint := t.PathProblem(path); wrong != "" {
			d.Errorf(item, where, "%s", wrong).Hint = hint
		}
	}
}

// PathProblem returns what is wrong with a path of ignore, or "", and what to do about
// it.
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
			return fmt.Sprintf("%s is not a mapping, so %s does not exist", a.Key, path), ""
		case inside && a.Change.Path != "":
			return fmt.Sprintf("%s is sent as a whole, so a single entry cannot be ignored", a.Key), "ignore " + a.Key
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
	return fmt.Sprintf("attribute %q not found", path), hint
}

// notIgnorable returns why the attribute as a whole cannot be ignored, or "", and what to
// do instead.
func (a *Attribute) notIgnorable() (wrong, hint string) {
	switch {
	case a.Key == nameRow.Key:
		return "name cannot be ignored: it identifies the sandbox", ""
	case a == stateRow:
		return "state cannot be ignored", "remove state; then the run state is not managed"
	case a == ephemeralRow:
		return "ephemeral is a short form of auto_delete_interval", "ignore auto_delete_interval"
	case a.Role == Option || strings.HasPrefix(a.Label, labelPrefix):
		return fmt.Sprintf("%s is an option of fleet and is never compared", a.Key), ""
	case a.CreateOnly:
		return fmt.Sprintf("%s only affects creation and is never compared", a.Key), ""
	}
	return "", ""
}

// splitsCalls reports whether a block ignores one of two attributes that must be sent
// together, and not the other: the server resets attributes that a call omits.
func splitsCalls(b block) bool {
	list, _ := b[ignoreRow].value.([]string)
	r := &Resource{attrs: attributes{{ignoreRow, list}}}
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
