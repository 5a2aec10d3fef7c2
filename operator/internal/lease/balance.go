package lease

import (
	"cmp"
	"maps"
	"slices"
)

// A view is what a replica knows of the distribution of shards.
type view struct {
	shards  int
	holders map[int]string // of the shards that are not free; empty if a user cleared it
	members map[string]bool
}

// share returns the number of free shards that a member may acquire, and of its shards that it
// should give up. All members with the same view come to the same distribution: each holds the
// share of the others or one more, and no shard moves without need.
func (v view) share(self string) (acquire, giveUp int) {
	held := map[string]int{self: 0}
	for m := range v.members {
		held[m] = 0
	}
	for _, m := range v.holders {
		if _, ok := held[m]; ok {
			held[m]++
		}
	}
	least := v.shards / len(held)
	most := (v.shards + len(held) - 1) / len(held)
	free := v.shards - len(v.holders)

	missing := 0 // of members that hold less than the least
	for _, n := range held {
		missing += max(0, least-n)
	}
	if held[self] < least {
		acquire = min(free, least-held[self])
	}
	if held[self]+acquire < most && free > missing {
		acquire++
	}
	return acquire, given(held, least, most, missing-free)[self]
}

// given returns how many shards each member gives up so that none holds more than most, and
// those that miss shards find them.
func given(held map[string]int, least, most, missing int) map[string]int {
	gives := map[string]int{}
	for m, n := range held {
		gives[m] = max(0, n-most)
		missing -= gives[m]
	}
	for _, m := range slices.SortedFunc(maps.Keys(held), func(a, b string) int {
		return cmp.Or(cmp.Compare(held[b], held[a]), cmp.Compare(a, b))
	}) {
		if missing > 0 && held[m]-gives[m] > least {
			gives[m]++
			missing--
		}
	}
	return gives
}
