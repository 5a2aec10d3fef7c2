package request

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// SortKeys are the keys by which sandboxes can be sorted. Times compare as texts,
// since all have the same width.
var SortKeys = map[string]func(*world.Sandbox) any{
	"name":           func(sb *world.Sandbox) any { return sb.Name },
	"cpu":            func(sb *world.Sandbox) any { return float64(sb.CPU) },
	"memoryGib":      func(sb *world.Sandbox) any { return float64(sb.Memory) },
	"diskGib":        func(sb *world.Sandbox) any { return float64(sb.Disk) },
	"lastActivityAt": func(sb *world.Sandbox) any { return sb.LastActivityAt.String() },
	"createdAt":      func(sb *world.Sandbox) any { return sb.CreatedAt.String() },
	"id":             func(sb *world.Sandbox) any { return sb.ID },
	"state":          func(sb *world.Sandbox) any { return sb.State },
	"snapshot":       func(sb *world.Sandbox) any { return world.ValueOr(sb.Snapshot, "") },
	"region":         func(sb *world.Sandbox) any { return sb.Target },
	"updatedAt":      func(sb *world.Sandbox) any { return sb.UpdatedAt.String() },
}

// PageByCreation returns up to n sandboxes in the order of creation, starting after
// the cursor.
func PageByCreation(order []*world.Sandbox, after *Cursor, descending bool, filters []Filter, n int) []*world.Sandbox {
	i, by := 0, 1
	if descending {
		i, by = len(order)-1, -1
	}
	if after != nil {
		i = seek(order, after, descending)
	}
	var found []*world.Sandbox
	for ; i >= 0 && i < len(order) && len(found) < n; i += by {
		if matchesAll(order[i], filters) {
			found = append(found, order[i])
		}
	}
	return found
}

// seek returns the index of the first sandbox after the cursor.
func seek(order []*world.Sandbox, after *Cursor, descending bool) int {
	text, _ := after.SortValue.(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return -1
	}
	at, found := slices.BinarySearchFunc(order, &world.Sandbox{ID: after.ID, CreatedAt: world.InstantOf(t)}, world.ByCreation)
	switch {
	case descending:
		return at - 1
	case found:
		return at + 1
	}
	return at
}

// PageBySort returns the sandboxes that meet the filters in sort order, starting after
// the cursor.
func PageBySort(order []*world.Sandbox, sort string, after *Cursor, descending bool, filters []Filter) []*world.Sandbox {
	found := Sort(order, sort, descending, filters)
	if after == nil {
		return found
	}
	key := SortKeys[sort]
	from := slices.IndexFunc(found, func(sb *world.Sandbox) bool {
		d := cmp.Or(compareAny(key(sb), after.SortValue), strings.Compare(sb.ID, after.ID))
		return d != 0 && d < 0 == descending
	})
	if from < 0 {
		return nil
	}
	return found[from:]
}

// Sort returns the sandboxes that meet the filters, sorted by a key and then by id.
func Sort(order []*world.Sandbox, sort string, descending bool, filters []Filter) []*world.Sandbox {
	if sort == "createdAt" { // their order
		return PageByCreation(order, nil, descending, filters, len(order))
	}
	key := SortKeys[sort]
	type keyed struct {
		key any
		sb  *world.Sandbox
	}
	var all []keyed
	for _, sb := range order {
		if matchesAll(sb, filters) {
			all = append(all, keyed{key(sb), sb})
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		d := cmp.Or(compareAny(a.key, b.key), strings.Compare(a.sb.ID, b.sb.ID))
		if descending {
			return -d
		}
		return d
	})
	found := make([]*world.Sandbox, len(all))
	for i, k := range all {
		found[i] = k.sb
	}
	return found
}

// compareAny compares texts and numbers; a text is greater than any number.
func compareAny(a, b any) int {
	as, aText := a.(string)
	bs, bText := b.(string)
	if aText || bText {
		return cmp.Or(world.CompareBool(aText, bText), strings.Compare(as, bs))
	}
	af, _ := a.(float64)
	bf, _ := b.(float64)
	return cmp.Compare(af, bf)
}
