package export

import (
	"fmt"
	"slices"

	"fleet/plan"
)

// notes collects notes for the reader of a spec, grouped by their text.
type notes struct {
	reasons []string            // texts, in the order of their first use
	objects map[string][]string // objects by text
	seen    map[[2]string]bool  // text and object
	general []string            // notes about the spec as a whole
}

// add adds a note about an object.
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

// addGeneral adds a note about the spec as a whole.
func (n *notes) addGeneral(format string, args ...any) {
	n.general = append(n.general, fmt.Sprintf(format, args...))
}

// lines returns one line for each text, followed by the notes about the whole. Lines are
// sorted, because the server lists objects created at the same time in any order.
func (n *notes) lines() []string {
	var lines []string
	for _, reason := range n.reasons {
		lines = append(lines, listNames(slices.Sorted(slices.Values(n.objects[reason])))+": "+reason)
	}
	slices.Sort(lines)
	return append(lines, n.general...)
}

// maxListed is the number of names that a list shows.
const maxListed = 10

// listNames formats names for a reader.
func listNames(names []string) string { return plan.JoinFirst(names, maxListed) }
