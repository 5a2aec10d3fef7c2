package emulator

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"fleet/internal/emulator/world"

	"pgregory.net/rapid"
)

func names(a got) []string {
	list := []string{}
	items, _ := a.field("items").([]any)
	for _, i := range items {
		list = append(list, i.(map[string]any)["name"].(string))
	}
	return list
}

// everything returns all items of a list, following the cursor.
func (g *rig) everything(query string) []string {
	g.t.Helper()
	var all []string
	cursor := ""
	for {
		a := g.must("GET", "/sandbox?"+query+"&cursor="+url.QueryEscape(cursor), nil)
		all = append(all, names(a)...)
		if a.field("nextCursor") == nil {
			return all
		}
		cursor = a.text("nextCursor")
	}
}

// TestPagesAreTheList checks that the pages together are the whole list, for every sort
// key and page size.
func TestPagesAreTheList(t *testing.T) {
	g := newRig(t, Options{})
	var made []string
	for i := range 23 {
		if i%3 == 0 {
			g.clock = g.clock.Add(time.Second)
		}
		name := fmt.Sprintf("box-%02d", (i*7)%23)
		g.sandbox(obj("name", name, "snapshot", []string{"daytona-small", "daytona-medium", "daytona-large"}[i%3]))
		made = append(made, name)
	}
	g.must("GET", "/sandbox", nil)
	slices.Sort(made)
	rapid.Check(t, func(rt *rapid.T) {
		sort := rapid.SampledFrom([]string{"name", "cpu", "memoryGib", "diskGib", "lastActivityAt", "createdAt"}).Draw(rt, "sort")
		order := rapid.SampledFrom([]string{"asc", "desc"}).Draw(rt, "order")
		limit := rapid.IntRange(1, 30).Draw(rt, "limit")
		paged := g.everything(fmt.Sprintf("sort=%s&order=%s&limit=%d", sort, order, limit))
		whole := g.everything(fmt.Sprintf("sort=%s&order=%s", sort, order))
		if !slices.Equal(paged, whole) {
			rt.Fatalf("pages %v, list %v", paged, whole)
		}
		slices.Sort(paged)
		if !slices.Equal(paged, made) {
			rt.Fatalf("pages hold %v", paged)
		}
	})
}

func TestListFilters(t *testing.T) {
	g := newRig(t, Options{})
	g.sandbox(obj("name", "Web-1", "labels", obj("team", "a", "n", 1)))
	g.sandbox(obj("name", "web-2", "labels", obj("team", "a"), "target", "eu"))
	g.sandbox(obj("name", "db", "labels", obj("team", "b"), "snapshot", "daytona-large"))
	g.hold("db", world.StateStopped)
	erroredBox(g, "bad", false)
	g.must("DELETE", "/sandbox/bad", nil)
	for query, want := range map[string][]string{
		"": {"Web-1", "db", "web-2"},
		"labels=" + url.QueryEscape(`{"team":"a"}`): {"Web-1", "web-2"},
		"labels=" + url.QueryEscape(`{"n":1}`):      {"Web-1"},
		"labels=" + url.QueryEscape(`{"team":"A"}`): {},
		"labels={}":                            {"Web-1", "db", "web-2"},
		"name=WEB":                             {"Web-1", "web-2"},
		"name=%25-2":                           {"web-2"},
		"name=___":                             {"Web-1", "web-2"},
		"states=stopped":                       {"db"},
		"states=stopped&states=started":        {"Web-1", "db", "web-2"},
		"regionIds=eu":                         {"web-2"},
		"snapshots=daytona-large":              {"db"},
		"minCpu=2":                             {"db"},
		"createdAtAfter=2030-01-01":            {},
		"createdAtBefore=2026-11-23T10:00:00Z": {"Web-1", "db", "web-2"},
		"isPublic=true":                        {},
	} {
		got := names(g.must("GET", "/sandbox?"+query, nil))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if n := len(names(g.must("GET", "/sandbox?includeErroredDeleted=true", nil))); n != 4 {
		t.Errorf("%d with the deleted one", n)
	}
	// The deprecated list treats false as true.
	if n := len(names(g.must("GET", "/sandbox/paginated?includeErroredDeleted=false", nil))); n != 4 {
		t.Errorf("%d by page", n)
	}
	g.expect("GET", "/sandbox?labels=[]", nil, 500, "")
	g.expect("GET", "/sandbox?labels=x", nil, 400, "")
	g.expect("GET", "/sandbox?limit=201", nil, 400, "limit must not be greater than 200")
	g.expect("GET", "/sandbox?states=destroyed", nil, 400, "each value must be one of")
}

func TestListLags(t *testing.T) {
	g := newRig(t, Options{})
	g.sandbox(obj("name", "old"))
	g.must("GET", "/sandbox", nil)
	g.control("POST", "organization", obj("listLag", "2s"))
	g.sandbox(obj("name", "new"))
	g.must("DELETE", "/sandbox/old", nil)
	if got := names(g.must("GET", "/sandbox", nil)); !slices.Equal(got, []string{"old"}) {
		t.Errorf("at once: %v", got)
	}
	if got := names(g.must("GET", "/sandbox/paginated", nil)); !slices.Equal(got, []string{"new"}) {
		t.Errorf("by page: %v", got)
	}
	g.clock = g.clock.Add(2 * time.Second)
	if got := names(g.must("GET", "/sandbox", nil)); !slices.Equal(got, []string{"new"}) {
		t.Errorf("later: %v", got)
	}
}

func TestSnapshotList(t *testing.T) {
	g := newRig(t, Options{})
	snapA(g)
	a := g.must("GET", "/snapshots?sort=name&order=asc", nil)
	if got := names(a); got[0] != "snap-a" || len(got) != 5 || a.text("total") != "5" {
		t.Errorf("%s", a.raw)
	}
	if got := names(g.must("GET", "/snapshots?name=SNAP", nil)); !slices.Equal(got, []string{"snap-a"}) {
		t.Errorf("%v", got)
	}
}
