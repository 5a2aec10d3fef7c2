package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/internal/suggest"
)

// checkSuppressedCodes warns of acknowledgements that silence nothing, since they name
// no code or one that does not exist.
func (l *loader) checkSuppressedCodes() {
	known := slices.Sorted(maps.Keys(WarningRules()))
	for _, d := range l.decoders {
		if d.untrusted {
			continue
		}
		for _, s := range d.suppressions() {
			if len(s.codes) == 0 {
				d.warnfAt("unknown-code", s.pos, "", "fleet:ignore names no warning").Hint = "write a code after it: " + strings.Join(known, ", ")
			}
			for _, code := range s.codes {
				if slices.Contains(known, code) {
					continue
				}
				m := d.warnfAt("unknown-code", s.pos, "", "there is no warning with the code %q", code)
				if m.Hint = suggest.DidYouMean(code, known); m.Hint == "" {
					m.Hint = fmt.Sprintf("known are %s", strings.Join(known, ", "))
				}
			}
		}
	}
}
