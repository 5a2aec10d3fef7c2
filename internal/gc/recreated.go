package gc

import (
	"fmt"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// maxRecreatedGroups is the number of addresses and groups that the warning names.
const maxRecreatedGroups = 5

// warnRecreated warns of the deleted objects that the spec declares, in one sentence.
func (x *collector) warnRecreated() {
	switch n := len(x.recreated); {
	case n == 1:
		x.plan.Warnings = append(x.plan.Warnings, fmt.Sprintf("%s is in the spec: the next apply creates it again", x.recreated[0]))
	case n > 1:
		x.plan.Warnings = append(x.plan.Warnings, fmt.Sprintf("%s of the plan are in the spec, and the next apply creates them again: %s",
			plan.FormatInt(n)+" objects", groupNames(x.recreated, maxRecreatedGroups)))
	}
}

// groupNames lists addresses, and those of one group as the group with their number. It
// names at most limit groups, in the order of their first members.
func groupNames(addresses []spec.Address, limit int) string {
	members := map[spec.Address][]spec.Address{}
	var groups []spec.Address
	for _, a := range addresses {
		g := a.GroupAddress()
		if members[g] == nil {
			groups = append(groups, g)
		}
		members[g] = append(members[g], a)
	}
	var names []string
	for _, g := range groups[:min(len(groups), limit)] {
		name := members[g][0].String()
		if n := len(members[g]); n > 1 {
			name = fmt.Sprintf("%s (%s)", g, plan.FormatInt(n))
		}
		names = append(names, name)
	}
	if rest := len(groups) - len(names); rest > 0 {
		names = append(names, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(names, ", ")
}
