package client

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// A listServer serves lists of sandboxes that change. Each request takes some time.
type listServer struct {
	mu       sync.Mutex
	boxes    []listedBox // in the order of their creation
	change   func()      // called before each response with the lock held; nil for none
	ignores  bool        // the filter by id
	requests int
	running  int
	peak     int // of requests at the same time
}

type listedBox struct {
	id   string
	gone bool // it keeps its place, as the sort value in a real cursor does
}

func (l *listServer) roundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.requests++
	l.running++
	l.peak = max(l.peak, l.running)
	l.mu.Unlock()
	time.Sleep(20 * time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	if l.change != nil {
		l.change()
	}
	switch last := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]; last {
	case "sandbox":
		return l.byCursor(req.URL.Query().Get("cursor"), req.URL.Query().Get("id")), nil
	case "paginated":
		return l.byNumber(req.URL.Query().Get("page")), nil
	default:
		if slices.Contains(l.boxes, listedBox{id: last}) {
			return answer(200, map[string]any{"id": last, "state": "started", "desiredState": "started"}), nil
		}
		return answer(404, map[string]any{"message": "not found"}), nil
	}
}

// byCursor returns a page of a list. The cursor is the id before it.
func (l *listServer) byCursor(cursor, prefix string) *http.Response {
	if l.ignores {
		prefix = ""
	}
	var items []map[string]any
	next := any(nil)
	for _, b := range l.boxes[orderOf(cursor):] {
		if b.gone || !strings.HasPrefix(b.id, prefix) {
			continue
		}
		if len(items) == maxPageItems {
			next = items[len(items)-1]["id"]
			break
		}
		items = append(items, map[string]any{"id": b.id})
	}
	return answer(200, map[string]any{"items": items, "nextCursor": next})
}

func (l *listServer) byNumber(number string) *http.Response {
	n, _ := strconv.Atoi(number)
	var all []map[string]any
	for _, b := range l.boxes {
		if !b.gone {
			all = append(all, map[string]any{"id": b.id})
		}
	}
	from, to := min((n-1)*maxPageItems, len(all)), min(n*maxPageItems, len(all))
	return answer(200, map[string]any{"items": all[from:to], "total": len(all), "page": n, "totalPages": pagesOf(len(all))})
}

// listedID returns the id of the nth sandbox: random at its beginning, and with the
// number at its end.
func listedID(n int) string {
	random := uuid.NewSHA1(uuid.Nil, []byte(strconv.Itoa(n))).String()
	return random[:24] + fmt.Sprintf("%012d", n+1)
}

// orderOf returns the place of an id in the order of creation; 0 for no id.
func orderOf(id string) int {
	if id == "" {
		return 0
	}
	n, _ := strconv.Atoi(id[24:])
	return n
}

func serverOf(n int) *listServer {
	l := &listServer{}
	for i := range n {
		l.boxes = append(l.boxes, listedBox{id: listedID(i)})
	}
	return l
}

// TestLongLists checks that long lists are read side by side, and at which cost.
func TestLongLists(t *testing.T) {
	for _, c := range []struct {
		sandboxes             int
		numbered              bool
		trips, requests, peak int // trips: the time that it takes, in round trips
	}{
		{150, false, 1, 1, 1},
		{1000, false, 5, 6, 2},   // the pages, and the first shard in vain
		{5000, false, 5, 34, 15}, // two pages each
		{20000, false, 11, 113, 16},
		{1000, true, 2, 5, 4},
		{20000, true, 8, 100, 16},
	} {
		t.Run(fmt.Sprint(c.sandboxes, c.numbered), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := serverOf(c.sandboxes)
				api := over(t, l.roundTrip)
				start := time.Now()
				read := ListSandboxes[Sandbox]
				if c.numbered {
					read = ListSandboxesConsistent[Sandbox]
				}
				list, err := read(t.Context(), api, SandboxFilter{}, kept)
				if err != nil || len(list) != c.sandboxes {
					t.Fatalf("%d sandboxes, %v", len(list), err)
				}
				trips := int(time.Since(start) / (20 * time.Millisecond))
				if trips != c.trips || l.requests != c.requests || l.peak != c.peak {
					t.Errorf("%d round trips, %d requests, %d at once; want %d, %d, %d", trips, l.requests, l.peak, c.trips, c.requests, c.peak)
				}
			})
		})
	}
}

// TestShardsAreChecked checks that a server which does not split its list is read page
// after page, from the next list on without a try.
func TestShardsAreChecked(t *testing.T) {
	const n = 6000
	for name, spoil := range map[string]func(*listServer){
		"no filter":   func(l *listServer) { l.ignores = true },
		"other ids":   func(l *listServer) { l.boxes[n-1].id = "0x" + l.boxes[n-1].id[2:] },
		"lost in all": func(l *listServer) { l.boxes[7].id = "A" + l.boxes[7].id[1:] }, // the filter of this server minds the case
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := serverOf(n)
				spoil(l)
				var log bytes.Buffer
				c := over(t, l.roundTrip)
				c.config.Log = slog.New(slog.NewTextHandler(&log, nil))
				for range 2 {
					l.requests = 0
					if list, err := ListSandboxes(t.Context(), c, SandboxFilter{}, kept); err != nil || len(list) != n {
						t.Fatalf("%d sandboxes, %v", len(list), err)
					}
				}
				if l.requests != pagesOf(n) || strings.Count(log.String(), "page after page") != 1 {
					t.Errorf("%d requests; log %s", l.requests, log.String())
				}
			})
		})
	}
}

// TestShardFailure: a part of a list is never the list.
func TestShardFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := serverOf(6000)
		c := over(t, func(req *http.Request) (*http.Response, error) {
			if req.URL.Query().Get("id") == "b" {
				return answer(500, map[string]any{"message": "no"}), nil
			}
			return l.roundTrip(req)
		})
		list, err := ListSandboxes(t.Context(), c, SandboxFilter{}, kept)
		if ErrorClassOf(err) != ServerError || list != nil {
			t.Errorf("%d sandboxes, %v", len(list), err)
		}
	})
}

// TestChangingLists checks that a list has each sandbox that existed all the time, each
// once, and none that never did.
func TestChangingLists(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 0))
		start := 3500 + random.IntN(3000)
		var changes []int
		for range random.IntN(60) {
			changes = append(changes, random.IntN(2*start))
		}
		synctest.Test(t, func(t *testing.T) {
			l := serverOf(start)
			l.change = func() {
				if len(changes) == 0 {
					return
				}
				if i := changes[0]; i < len(l.boxes) {
					l.boxes[i].gone = true
				} else {
					l.boxes = append(l.boxes, listedBox{id: listedID(len(l.boxes))})
				}
				changes = changes[1:]
			}
			list, err := ListSandboxes(t.Context(), over(t, l.roundTrip), SandboxFilter{}, kept)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, s := range list {
				if seen[s.ID] || orderOf(s.ID) > len(l.boxes) {
					t.Errorf("seed %d: %s twice or from nowhere", seed, s.ID)
				}
				seen[s.ID] = true
			}
			for _, b := range l.boxes[:start] {
				if !b.gone && !seen[b.id] {
					t.Errorf("seed %d: %s is missing", seed, b.id)
				}
			}
		})
	}
}
