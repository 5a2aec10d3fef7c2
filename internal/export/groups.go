package export

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"fleet/spec"
)

// groups makes the fleet's counts whole again: the copies of a count are alike.
func (d *draft) groups(sandboxes []*spec.Resource) []*spec.Resource {
	copies := map[string]map[int]*spec.Resource{}
	var whole []*spec.Resource
	for _, r := range sandboxes {
		base, which := r.Group()
		i, err := strconv.Atoi(which)
		if which == "" || err != nil || i < 0 || strconv.Itoa(i) != which || !strings.HasSuffix(r.Name(), "-"+which) {
			whole = append(whole, r)
			continue
		}
		if copies[base] == nil {
			copies[base] = map[int]*spec.Resource{}
		}
		copies[base][i] = r
	}
	for _, base := range slices.Sorted(maps.Keys(copies)) {
		whole = append(whole, d.group(base, copies[base])...)
	}
	return whole
}

// group makes one count whole. With gaps it is no count, and written as what is
// there.
func (d *draft) group(base string, copies map[int]*spec.Resource) []*spec.Resource {
	list := make([]*spec.Resource, 0, len(copies))
	for _, i := range slices.Sorted(maps.Keys(copies)) {
		copies[i].Size = len(copies)
		list = append(list, copies[i])
	}
	if copies[len(copies)-1] != nil {
		d.level("sandbox."+base, list)
		return list
	}
	d.notes.add("sandbox."+base, "some copies of it are not there; it is written with for_each instead of count")
	return list
}

// level takes out what is not the same for all copies.
func (d *draft) level(group string, copies []*spec.Resource) {
	for _, a := range spec.Tables[spec.SandboxKind] {
		if a.Key == "name" || a.Role == spec.Derived {
			continue
		}
		differs := slices.ContainsFunc(copies, func(r *spec.Resource) bool { return !r.Agrees(copies[0], a) })
		if !differs {
			continue
		}
		d.notes.add(group, "%s is left out: it differs between the copies", a.Key)
		for _, r := range copies {
			r.Unsay(a.Key)
		}
	}
}
