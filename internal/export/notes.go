package export

import (
	"fmt"
	"slices"

	"fleet/plan"
)

// notes gather what a reader should know: for each reason the objects that it
// holds for.
type notes struct {
	reasons []string
	objects map[string][]string
	seen    map[[2]string]bool // reason and object
	general []string
}

// add says something of an object.
func (n *notes) add(object, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if n.objects == nil {
		n.objects, n.seen = map[string][]string{}, map[[2]string]bool{}
	}
	if n.objects[reason] == nil {
		n.reasons = append(n.reasons, reason)
	}
	if !n.seen[[2]string{reason, object}] {
		n.seen[[2]string{reason, object}] = true
		n.objects[reason] = append(n.objects[reason], object)
	}
}

// addGeneral says something of the whole.
func (n *notes) addGeneral(format string, args ...any) {
	n.general = append(n.general, fmt.Sprintf(format, args...))
}

// lines has one line for each reason, and then what is said of the whole. The
// order does not depend on that of a list of the server, which is not settled
// for what was made at once.
func (n *notes) lines() []string {
	var lines []string
	for _, reason := range n.reasons {
		lines = append(lines, listNames(slices.Sorted(slices.Values(n.objects[reason])))+": "+reason)
	}
	slices.Sort(lines)
	return append(lines, n.general...)
}

// maxListed is how many objects a list names.
const maxListed = 10

// listNames is some names for a reader.
func listNames(names []string) string { return plan.JoinFirst(names, maxListed) }
