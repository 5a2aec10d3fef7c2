package failover_test

import (
	"fmt"
	"os"
	"testing"
)

// sizeVariable is the environment variable with the numbers of fleets and of sandboxes of
// each, such as 50x100, with which TestEachFailure runs.
const sizeVariable = "FLEET_FAILOVER"

// The edits of the fleets: their creation, a change in place, a replacement, and another change.
var edits = []edit{{"a", "1"}, {"b", "1"}, {"b", "2"}, {"c", "2"}}

// TestFailover: replicas fail one after the other while work is in progress.
func TestFailover(t *testing.T) {
	program := build(t)
	t.Run("thawed with answers", func(t *testing.T) {
		t.Parallel()
		thawWithAnswers(newRig(t, program, 1, 8, 1))
	})
	for shards, failures := range map[int][]failure{
		1: {killLate, freeze, loseAnswers, terminate},
		4: {cutOff, terminate, kill, loseAnswers},
	} {
		t.Run(fmt.Sprint(shards, " shards"), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, program, shards, 10, 20)
			for i, fail := range failures {
				r.during(edits[i], fail)
			}
			r.checkCreates(2)
		})
	}
}

// TestEachFailure: each failure happens during each edit.
func TestEachFailure(t *testing.T) {
	var fleets, count int
	if n, _ := fmt.Sscanf(os.Getenv(sizeVariable), "%dx%d", &fleets, &count); n != 2 {
		t.Skip("takes long: run `make failover` in operator")
	}
	program := build(t)
	for name, fail := range map[string]failure{
		"killed": kill, "frozen": freeze, "cut off": cutOff, "terminated": terminate,
		"killed, late": killLate, "refused": refuse, "without answers": loseAnswers,
	} {
		for _, shards := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, %d shards", name, shards), func(t *testing.T) {
				r := newRig(t, program, shards, fleets, count)
				for _, e := range edits[:3] {
					r.during(e, fail)
				}
				r.checkCreates(2)
			})
		}
	}
}
