package client

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestShardsAreBounded checks that a shard whose cursors have no end fails the list, as
// such a list does, and that its requests are bounded.
func TestShardsAreBounded(t *testing.T) {
	const n = 6000
	for _, digit := range []string{"0", "b"} { // the first shard is also the sample
		for name, c := range map[string]struct {
			cursor func(request int) string
			want   error
			most   int // requests
		}{
			"the same cursor": {func(int) string { return "again" }, errCursorLoop, 50},
			"a loop":          {func(i int) string { return fmt.Sprint("loop-", i%7) }, errCursorLoop, 60},
			"no end":          {func(i int) string { return fmt.Sprint("more-", i) }, errTooManyPages, maxPages + 60},
			"a long cursor":   {func(int) string { return strings.Repeat("x", maxCursor+1) }, errCursorTooLong, 50},
		} {
			t.Run(digit+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := serverOf(n)
					hostile := 0
					api := over(t, func(req *http.Request) (*http.Response, error) {
						if req.URL.Query().Get("id") != digit {
							return l.roundTrip(req)
						}
						l.mu.Lock()
						defer l.mu.Unlock()
						l.requests++
						hostile++
						return answer(200, map[string]any{"items": []any{map[string]any{"id": digit + listedID(hostile)[1:]}}, "nextCursor": c.cursor(hostile)}), nil
					})
					list, err := ListSandboxes(t.Context(), api, SandboxFilter{}, kept)
					if !errors.Is(err, c.want) || list != nil {
						t.Errorf("%d sandboxes, %v; want %v", len(list), err, c.want)
					}
					if l.requests > c.most {
						t.Errorf("%d requests, want at most %d", l.requests, c.most)
					}
				})
			})
		}
	}
}

// TestShardsThatOverlap checks that a sandbox is listed once although two shards, or two
// pages of one shard, have it.
func TestShardsThatOverlap(t *testing.T) {
	const n = 6000
	for name, c := range map[string]struct {
		extra   func(digit string) string // the digit of a shard whose items the shard has in addition
		refused bool                      // whether the shards cannot be used
	}{
		"a sandbox of another shard": {func(digit string) string { return map[string]string{"4": "9"}[digit] }, true},
		"its own sandboxes twice":    {func(digit string) string { return digit }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := serverOf(n)
				refusals := 0
				api := over(t, func(req *http.Request) (*http.Response, error) {
					q := req.URL.Query()
					if extra := c.extra(q.Get("id")); extra != "" && q.Get("cursor") == "" {
						if q.Get("id") == extra {
							_, _ = l.roundTrip(req)
							return answer(200, map[string]any{"items": l.idsOf(extra, maxPageItems), "nextCursor": l.before(extra, maxPageItems/2)}), nil
						}
						return answer(200, map[string]any{"items": l.idsOf(extra, 1), "nextCursor": nil}), nil
					}
					return l.roundTrip(req)
				}, func(config *Config) { config.OnUnsharded = func() { refusals++ } })
				list, err := ListSandboxes(t.Context(), api, SandboxFilter{}, kept)
				seen := map[string]bool{}
				for _, s := range list {
					seen[s.ID] = true
				}
				if err != nil || len(list) != n || len(seen) != n || (refusals == 1) != c.refused {
					t.Errorf("%d sandboxes, %d different ones, %d refusals, %v", len(list), len(seen), refusals, err)
				}
			})
		})
	}
}

// idsOf returns the first items of a shard.
func (l *listServer) idsOf(digit string, most int) (items []map[string]any) {
	for _, b := range l.boxes {
		if len(items) < most && strings.HasPrefix(b.id, digit) {
			items = append(items, map[string]any{"id": b.id})
		}
	}
	return items
}

// before returns the cursor after the first items of a shard.
func (l *listServer) before(digit string, items int) any { return l.idsOf(digit, items)[items-1]["id"] }

// TestUnshardedIsRemembered checks that a client which knows that a server cannot list
// in shards does not try, and that one which finds out reports it once.
func TestUnshardedIsRemembered(t *testing.T) {
	const n = 6000
	synctest.Test(t, func(t *testing.T) {
		l := serverOf(n)
		l.ignores = true
		reports := 0
		onUnsharded := func(config *Config) { config.OnUnsharded = func() { reports++ } }
		first := over(t, l.roundTrip, onUnsharded)
		for range 2 {
			if list, err := ListSandboxes(t.Context(), first, SandboxFilter{}, kept); err != nil || len(list) != n {
				t.Fatalf("%d sandboxes, %v", len(list), err)
			}
		}
		if reports != 1 {
			t.Errorf("%d reports, want 1", reports)
		}
		l.requests = 0
		next := over(t, l.roundTrip, onUnsharded, func(config *Config) { config.Sharding = ShardNone })
		list, err := ListSandboxes(t.Context(), next, SandboxFilter{}, kept)
		if err != nil || len(list) != n || l.requests != pagesOf(n) || reports != 1 {
			t.Errorf("%d sandboxes in %d requests, %d reports, %v", len(list), l.requests, reports, err)
		}
	})
}

// TestShardsAreAsConsistentAsPages checks with shards and without that a list has each
// sandbox that existed all the time once, and none that never existed meanwhile.
func TestShardsAreAsConsistentAsPages(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1))
		start := 3400 + random.IntN(1500)
		numbers := func(n, below int) (list []int) {
			for range random.IntN(n) {
				list = append(list, random.IntN(below))
			}
			return list
		}
		changes, gone := numbers(60, 2*start), numbers(20, start) // creations from start on; gone before the list is read
		for _, sharding := range []Sharding{ShardLong, ShardNone, ShardAll} {
			synctest.Test(t, func(t *testing.T) {
				l := serverOf(start)
				for _, i := range gone {
					l.boxes[i].gone = true
				}
				before, left := slices.Clone(l.boxes), changes
				l.change = func() {
					if len(left) == 0 {
						return
					}
					if i := left[0]; i < len(l.boxes) {
						l.boxes[i].gone = true
					} else {
						l.boxes = append(l.boxes, listedBox{id: listedID(len(l.boxes))})
					}
					left = left[1:]
				}
				api := over(t, l.roundTrip, func(config *Config) { config.Sharding = sharding })
				list, err := ListSandboxes(t.Context(), api, SandboxFilter{}, kept)
				if err != nil {
					t.Fatal(err)
				}
				checkList(t, list, before, l.boxes)
			})
		}
	}
}

// checkList checks a list that was read while the sandboxes before became those after.
func checkList(t *testing.T, list []Sandbox, before, after []listedBox) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range list {
		i := orderOf(s.ID) - 1
		if seen[s.ID] || i >= len(after) || i < len(before) && before[i].gone {
			t.Errorf("%s is listed twice, or never existed meanwhile", s.ID)
		}
		seen[s.ID] = true
	}
	for i, b := range before {
		if !b.gone && !after[i].gone && !seen[b.id] {
			t.Errorf("%s is missing", b.id)
		}
	}
}
