package status

import (
	"fmt"
	"slices"

	"fleet/internal/exit"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// A Selection limits a list of objects. An object has to satisfy all fields. The zero
// Selection selects everything.
type Selection struct {
	Targets  []plan.Selector // any of them matches; empty matches all objects
	Excludes []plan.Selector // none of them matches
	Labels   []plan.Selector // all of them match the labels, which only sandboxes have
	States   []string        // the state is any of them, in the server's words; empty allows all
}

// IsSet reports whether the selection may leave out objects.
func (s Selection) IsSet() bool {
	return len(s.Targets)+len(s.Excludes)+len(s.Labels)+len(s.States) > 0
}

// selects reports whether an object is selected. labels are its own, and nil unless it is
// a sandbox. An object without an address is matched by its labels and its state only.
func (s Selection) selects(r Row, labels map[string]string) bool {
	a, err := spec.ParseAddress(r.Address)
	if err != nil {
		a = spec.Address{Kind: spec.Kind(r.Kind)}
	}
	matches := func(x plan.Selector) bool { return (err == nil || x.IsByLabel()) && x.Matches(a, labels) }
	return (len(s.Targets) == 0 || slices.ContainsFunc(s.Targets, matches)) && !slices.ContainsFunc(s.Excludes, matches) &&
		!slices.ContainsFunc(s.Labels, func(x plan.Selector) bool { return !x.Matches(a, labels) }) &&
		(len(s.States) == 0 || slices.Contains(s.States, r.State))
}

// checkAddresses returns an error for the first selector that is an address without a
// resource in the spec and without an object of the fleet.
func (s Selection) checkAddresses(f *spec.Fleet, rows []Row) error {
	known := map[string]bool{}
	add := func(a spec.Address) { known[a.String()], known[a.GroupAddress().String()] = true, true }
	for _, r := range f.Resources {
		add(r.Address)
	}
	for _, r := range rows {
		if a, err := spec.ParseAddress(r.Address); err == nil {
			add(a)
		}
	}
	unknown := func(x plan.Selector) bool { return x.IsAddress() && !known[x.String()] }
	for _, list := range []struct {
		flag      string
		selectors []plan.Selector
	}{{"--target", s.Targets}, {"--exclude", s.Excludes}} {
		if i := slices.IndexFunc(list.selectors, unknown); i >= 0 {
			x := list.selectors[i].String()
			text := fmt.Sprintf("%s %s: no such resource in the spec or in the fleet", list.flag, x)
			if hint := suggest.DidYouMean(x, sortedKeys(known)); hint != "" {
				text += "; " + hint
			}
			return exit.Invalidf("%s", text)
		}
	}
	return nil
}
