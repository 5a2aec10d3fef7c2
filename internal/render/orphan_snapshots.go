package render

import (
	"fmt"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// orphanSnapshotsText returns the snapshots that the fleet created and no longer
// uses, with what to do about them, or "" if there are none.
func orphanSnapshotsText(p *plan.Plan) string {
	const few = 5
	n := len(p.OrphanSnapshots)
	if n == 0 {
		return ""
	}
	var names []string
	for _, l := range p.OrphanSnapshots[:min(n, few)] {
		names = append(names, term.Printable(l.Address.String()))
	}
	text := strings.Join(names, ", ")
	if n > few {
		text += fmt.Sprintf(" and %d more", n-few)
	}
	return fmt.Sprintf("%s, created by this fleet and no longer in the spec. List %s under removed to delete %[2]s, or with destroy: false to hide this note.",
		text, plan.PluralWord(n, "it", "them"))
}
