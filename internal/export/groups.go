package export

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"fleet/spec"
)

// groupCounts groups the sandboxes of the fleet that are copies of one count.
func (d *draft) groupCounts(sandboxes []*spec.Resource) []*spec.Resource {
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
		whole = append(whole, d.countCopies(base, copies[base])...)
	}
	return whole
}

// countCopies returns the copies of one group, by index. A group with gaps is written
// with for_each.
func (d *draft) countCopies(base string, copies map[int]*spec.Resource) []*spec.Resource {
	list := make([]*spec.Resource, 0, len(copies))
	for _, i := range slices.Sorted(maps.Keys(copies)) {
		copies[i].GroupSize = len(copies)
		list = append(list, copies[i])
	}
	if copies[len(copies)-1] != nil {
		return list
	}
	d.notes.add("sandbox."+base, "some of its copies are missing; it is written with for_each instead of count")
	return list
}
