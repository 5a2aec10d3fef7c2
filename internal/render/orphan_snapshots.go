package render

import (
	"fmt"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// orphanSnapshotsText names the snapshots that the fleet has left behind, and says what
// can be done about them; "" when there are none.
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
	return fmt.Sprintf("%s, made by this fleet and not in the spec any more. Listed under removed, %s; with destroy: false, %s.",
		text, plan.PluralWord(n, "it is deleted", "they are deleted"), plan.PluralWord(n, "it is kept without this note", "they are kept without this note"))
}
