package operator

import (
	"os"
	"runtime/debug"
)

// collectPercent is how much the heap may grow before it is collected. Most of it lasts:
// the default would let it double, and take 30 % more memory for no time that is noticed.
const collectPercent = 50

// setCollection makes the program use less memory, unless GOGC is set.
func setCollection() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(collectPercent)
	}
}
