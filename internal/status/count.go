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

	CostPerHour  *float64 `json:"cost_per_hour,omitempty"` // of the sandboxes whose cost is known, in the currency of the prices; absent if none is
	UnknownCosts int      `json:"unknown_costs,omitempty"` // number of sandboxes that cost_per_hour does not include; 0 without cost_per_hour
}

// CountRows counts objects by kind and state, and those of groups by group and state. The
// groups of a kind follow the kind. The result is never nil.
func CountRows(rows []Row) []Count {
	counts := map[string]*Count{}
	add := func(of string, r Row) {
		if counts[of] == nil {
			counts[of] = &Count{Of: of, States: map[string]int{}}
		}
		counts[of].add(r)
	}
	for _, r := range rows {
		add(r.Kind, r)
		if a, err := spec.ParseAddress(r.Address); err == nil && a.Index() != "" {
			add(a.GroupAddress().String(), r)
		}
	}
	list := make([]Count, 0, len(counts))
	for _, of := range sortedKeys(counts) {
		c := *counts[of]
		if c.CostPerHour == nil {
			c.UnknownCosts = 0
		}
		list = append(list, c)
	}
	return list
}

// add counts an object.
func (c *Count) add(r Row) {
	c.Total++
	c.States[r.State]++
	if r.Kind == string(spec.SandboxKind) {
		c.addCost(r.CostPerHour)
	}
}

// sortedKeys returns the keys of a map in natural order.
func sortedKeys[T any](m map[string]T) []string {
	return slices.SortedFunc(maps.Keys(m), spec.CompareKeys)
}
