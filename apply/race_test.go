//go:build race

package apply_test

import "flag"

// With the race detector everything takes several times as long. It is there to find
// races; the tests without it cover all cases.
func init() {
	*boxes = 30
	thinned = 10
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
}
