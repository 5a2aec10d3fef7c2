package dotenv

import (
	"strings"
	"testing"
)

// TestHostile reads files of the full size that would take minutes if a line
// were read more than a few times.
func TestHostile(t *testing.T) {
	for _, unit := range []string{"A=\n", "A=\"\n", `\'`, "${x:", "export\n", "A #"} {
		for _, first := range []string{"", "A=\"${"} {
			text := first + strings.Repeat(unit, (MaxSize-len(first)-1)/len(unit)) + "}"
			if _, err := Parse([]byte(text), "A"); err != nil {
				t.Errorf("%q, %q: %v", first, unit, err)
			}
		}
	}
}
