package status

import (
	"maps"
	"slices"

	"fleet/spec"
)

// A Count is the number of objects of a kind, or of a group of copies.
type Count struct {
	Of     string         `json:"of"`     // a kind, or the address of a group such as sandbox.worker
	Total  int            `json:"total"`  // number of objects
	States map[string]int `json:"states"` // number of objects in each state, in the server's words
}

// CountRows counts objects by kind and state, and those of groups by group and state. The
// groups of a kind follow the kind. The result is never nil.
func CountRows(rows []Row) []Count {
	counts := map[string]map[string]int{}
	add := func(of, state string) {
		if counts[of] == nil {
			counts[of] = map[string]int{}
		}
		counts[of][state]++
	}
	for _, r := range rows {
		add(r.Kind, r.State)
		if a, err := spec.ParseAddress(r.Address); err == nil && a.Index() != "" {
			add(a.GroupAddress().String(), r.State)
		}
	}
	list := make([]Count, 0, len(counts))
	for _, of := range sortedKeys(counts) {
		c := Count{Of: of, States: counts[of]}
		for _, n := range c.States {
			c.Total += n
		}
		list = append(list, c)
	}
	return list
}

// sortedKeys returns the keys of a map in natural order.
func sortedKeys[T any](m map[string]T) []string {
	return slices.SortedFunc(maps.Keys(m), spec.CompareKeys)
}
