package lease

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestShare(t *testing.T) {
	members := func(names ...string) map[string]bool {
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m
	}
	for _, c := range []struct {
		name            string
		view            view
		acquire, giveUp int
	}{
		{"alone", view{4, nil, nil}, 4, 0},
		{"one lease, held", view{1, map[int]string{0: "b"}, members("b")}, 0, 0},
		{"one lease, free", view{1, nil, members("b")}, 1, 0},
		{"new beside one that holds all", view{4, map[int]string{0: "b", 1: "b", 2: "b", 3: "b"}, members("b")}, 0, 0},
		{"holds all, another is new", view{4, map[int]string{0: "a", 1: "a", 2: "a", 3: "a"}, members("b")}, 0, 2},
		{"holds one more than the share", view{3, map[int]string{0: "a", 1: "a", 2: "b"}, members("b")}, 0, 0},
		{"a third is new", view{4, map[int]string{0: "a", 1: "a", 2: "b", 3: "b"}, members("b", "c")}, 0, 1},
		{"a third is new, another gives", view{4, map[int]string{0: "a", 1: "a", 2: "0", 3: "0"}, members("0", "c")}, 0, 0},
		{"what is free is the share of another", view{4, map[int]string{0: "a", 1: "a", 2: "b"}, members("b", "c")}, 0, 0},
		{"a lease was cleared", view{2, map[int]string{0: "", 1: "a"}, members("b")}, 0, 0},
	} {
		acquire, giveUp := c.view.share("a")
		if acquire != c.acquire || giveUp != c.giveUp {
			t.Errorf("%s: acquires %d and gives up %d, want %d and %d", c.name, acquire, giveUp, c.acquire, c.giveUp)
		}
	}
}

// From any distribution, replicas that act in any order come to one in which the shares differ
// by one at most, and then nothing moves.
func TestShareSettles(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 0))
		v := view{shards: 1 + random.IntN(12), holders: map[int]string{}, members: map[string]bool{}}
		var names []string
		for i := range 1 + random.IntN(6) {
			names = append(names, fmt.Sprint("replica ", i))
			v.members[names[i]] = true
		}
		for shard := range v.shards {
			if random.IntN(3) > 0 {
				v.holders[shard] = names[random.IntN(len(names))]
			}
		}
		moves := 0
		for quiet := 0; quiet < 50 && moves <= 1000; quiet++ {
			if n := act(v, names[random.IntN(len(names))]); n > 0 {
				moves += n
				quiet = 0
			}
		}
		if moves > 3*v.shards {
			t.Fatalf("seed %d: %d moves of %d shards", seed, moves, v.shards)
		}
		checkShares(t, seed, v, names)
	}
}

// act carries out what a replica does with a view, and returns the number of its moves.
func act(v view, name string) int {
	acquire, giveUp := v.share(name)
	moves := acquire + giveUp
	for shard := range v.shards {
		holder, held := v.holders[shard]
		switch {
		case !held && acquire > 0:
			v.holders[shard] = name
			acquire--
		case held && holder == name && giveUp > 0:
			delete(v.holders, shard)
			giveUp--
		}
	}
	return moves
}

func checkShares(t *testing.T, seed uint64, v view, names []string) {
	t.Helper()
	if len(v.holders) != v.shards {
		t.Fatalf("seed %d: %d of %d shards are held", seed, len(v.holders), v.shards)
	}
	held := map[string]int{}
	for _, holder := range v.holders {
		held[holder]++
	}
	for _, name := range names {
		if n, least := held[name], v.shards/len(names); n < least || n > least+1 {
			t.Fatalf("seed %d: %s holds %d of %d shards of %d replicas", seed, name, n, v.shards, len(names))
		}
	}
}

func TestShardOf(t *testing.T) {
	if got := shardOf("default", "research", 1<<20); got != 1032005 {
		t.Errorf("the shard of a fleet changed to %d: replicas of two versions would both write", got)
	}
	counts := make([]int, 8)
	for i := range 8000 {
		counts[shardOf("team", fmt.Sprint("fleet-", i), len(counts))]++
	}
	for shard, n := range counts {
		if n < 800 || n > 1200 {
			t.Errorf("shard %d has %d of 8000 fleets", shard, n)
		}
	}
}
