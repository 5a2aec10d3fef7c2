package export

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fleet/spec"
)

// groups makes the fleet's counts whole again: a count has no gaps, and its
// copies are alike.
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

// maxGaps is how many copies may be missing for each that is there.
const maxGaps = 10

// group makes one count whole.
func (d *draft) group(base string, copies map[int]*spec.Resource) []*spec.Resource {
	there := slices.Sorted(maps.Keys(copies))
	size := there[len(there)-1] + 1
	list := make([]*spec.Resource, 0, len(there))
	for _, i := range there {
		list = append(list, copies[i])
	}
	d.level("sandbox."+base, list)
	if size > (maxGaps+1)*len(there) {
		return list
	}
	first := list[0]
	name := strings.TrimSuffix(first.Name(), fmt.Sprintf("-%d", there[0]))
	for i := range size {
		if copies[i] == nil {
			address := spec.Address{Kind: spec.SandboxKind, Key: fmt.Sprintf("%s[%d]", base, i)}
			r := &spec.Resource{Address: address, Attrs: maps.Clone(first.Attrs)}
			r.Say("name", fmt.Sprintf("%s-%d", name, i))
			copies[i] = r
			d.notes.add(address.String(), "not there; a count has no gaps, so that a plan creates it")
		}
		copies[i].Size = size
	}
	list = list[:0]
	for i := range size {
		list = append(list, copies[i])
	}
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
