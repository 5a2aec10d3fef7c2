package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/internal/suggest"
)

// checkSuppressedCodes warns of comments that silence nothing, since they name no code
// or an unknown one.
func (l *loader) checkSuppressedCodes() {
	known := slices.Sorted(maps.Keys(WarningRules()))
	for _, d := range l.Decoders {
		if d.Untrusted {
			continue
		}
		for _, s := range d.Suppressions() {
			if len(s.Codes) == 0 {
				d.WarnfAt("unknown-code", s.Pos, "", "fleet:ignore names no warning").Hint = "write a code after it: " + strings.Join(known, ", ")
			}
			for _, code := range s.Codes {
				if slices.Contains(known, code) {
					continue
				}
				m := d.WarnfAt("unknown-code", s.Pos, "", "there is no warning with the code %q", code)
				if m.Hint = suggest.DidYouMean(code, known); m.Hint == "" {
					m.Hint = fmt.Sprintf("known are %s", strings.Join(known, ", "))
				}
			}
		}
	}
}
