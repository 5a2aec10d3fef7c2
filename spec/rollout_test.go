package spec

import (
	"fmt"
	"testing"
)

// TestShares checks how counts and percentages are rounded.
func TestShares(t *testing.T) {
	for _, c := range []struct {
		share       IntOrPercent
		n, down, up int
	}{
		{IntOrPercent{N: 50, Percent: true}, 3, 1, 2},
		{IntOrPercent{N: 50, Percent: true}, 4, 2, 2},
		{IntOrPercent{N: 1, Percent: true}, 100, 1, 1},
		{IntOrPercent{N: 1, Percent: true}, 101, 1, 2},
		{IntOrPercent{N: 99, Percent: true}, 100, 99, 99},
		{IntOrPercent{N: 100, Percent: true}, 7, 7, 7},
		{IntOrPercent{N: 2}, 3, 2, 2},
		{IntOrPercent{N: 3}, 3, 3, 3},
		{IntOrPercent{N: 4}, 3, 3, 3},
		{IntOrPercent{}, 3, 0, 0},
	} {
		same(t, fmt.Sprintf("%s of %d, down", c.share, c.n), c.share.RoundDown(c.n), c.down)
		same(t, fmt.Sprintf("%s of %d, up", c.share, c.n), c.share.RoundUp(c.n), c.up)
	}
}

// TestProtectionIsSaid: only protect: true protects, and only protect: false lifts the
// protection that is stored on the object.
func TestProtectionIsSaid(t *testing.T) {
	for text, want := range map[string][2]bool{
		"protect: true": {true, false}, "protect: false": {false, true}, "public: true": {false, false},
	} {
		r := sandbox(t, text)
		same(t, text, [2]bool{r.Protected(), r.Unprotected()}, want)
	}
	volume := get(t, mustParse(t, "volumes: {v: {protect: true}}"), "volume.v")
	same(t, "volume", [2]bool{volume.Protected(), volume.Unprotected()}, [2]bool{true, false})
}
