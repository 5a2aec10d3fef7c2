package apply_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/internal/emulator"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// A cachedFleet is a random fleet that is planned from one listing as long as possible.
type cachedFleet struct {
	*daytona
	cache    observe.Cache
	copies   int
	team     string
	autoStop int
	snapshot string
}

func (c *cachedFleet) fleet() *spec.Fleet {
	return parse(c.t, fmt.Sprintf(`
version: 1
name: cached
sandboxes:
  web:
    count: %d
    snapshot: %s
    auto_stop_interval: %d
    labels: {team: %q}
  other: {image: python:3.12, network_block_all: false}
`, c.copies, c.snapshot, c.autoStop, c.team))
}

// TestCachedPlans: a plan that is made from an earlier listing is the one that a new
// listing gives, if all changes by others were reported.
func TestCachedPlans(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		version := rapid.SampledFrom([]string{emulator.Version190, emulator.Version205}).Draw(rt, "version")
		c := &cachedFleet{daytona: newDaytona(rt, emulator.Options{APIVersion: version}), copies: 2, team: "a", autoStop: 30, snapshot: "daytona-small"}
		defer c.close()
		c.check(rt)
		for range 4 {
			c.change(rt)
			c.check(rt)
		}
	})
}

// change changes the spec, or a sandbox as another client does.
func (c *cachedFleet) change(t *rapid.T) {
	ids := c.ids()
	kind := rapid.SampledFrom([]string{"copies", "team", "stop", "snapshot", "interval", "halt", "delete", "take", "nothing"}).Draw(t, "change")
	if len(ids) == 0 && slices.Contains([]string{"interval", "halt", "delete", "take"}, kind) {
		return
	}
	id := ""
	if len(ids) > 0 {
		id = rapid.SampledFrom(ids).Draw(t, "id")
	}
	path := "/api/sandbox/" + id
	switch kind {
	case "copies":
		c.copies = rapid.IntRange(1, 4).Draw(t, "copies")
	case "team":
		c.team = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "team")
	case "stop":
		c.autoStop = rapid.SampledFrom([]int{0, 30, 60}).Draw(t, "autoStop")
	case "snapshot":
		c.snapshot = rapid.SampledFrom([]string{"daytona-small", "daytona-medium"}).Draw(t, "snapshot")
	case "interval":
		c.send("POST", path+"/autostop/15", nil)
	case "halt":
		c.request("POST", path+"/stop", "")
	case "delete":
		c.request("DELETE", path, "")
	case "take": // a name that the fleet may want
		c.request("DELETE", path, "")
		c.request("POST", "/api/sandbox", fmt.Sprintf(`{"name": "web-%d"}`, rapid.IntRange(0, 4).Draw(t, "name")))
		c.cache.Mark(c.ids()...)
	}
	if id != "" {
		c.cache.Mark(id)
	}
}

// request sends a request as another user, which may be refused.
func (c *cachedFleet) request(method, path, body string) {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer k")
	req.Header.Set("Content-Type", "application/json")
	c.handler.ServeHTTP(httptest.NewRecorder(), req)
}

// ids returns the ids of all sandboxes.
func (c *cachedFleet) ids() []string {
	var ids []string
	for _, s := range c.list("/api/sandbox") {
		ids = append(ids, s["id"].(string))
	}
	return ids
}

// check compares both plans, and runs the one.
func (c *cachedFleet) check(t *rapid.T) {
	f, opts := c.fleet(), plan.Options{AllowDestroy: 10}
	if rapid.Bool().Draw(t, "share") {
		listing, err := observe.ListOrganization(context.Background(), c.api)
		if err != nil {
			t.Fatal(err)
		}
		c.cache.Share(listing)
	}
	_, cached, err := c.cache.Plan(context.Background(), c.api, f, opts, false)
	if err != nil {
		t.Fatal(err)
	}
	if fresh := c.plan(f, opts); story(cached) != story(fresh) {
		t.Fatalf("from the earlier listing:\n%sfrom a new one:\n%s", story(cached), story(fresh))
	}
	if !rapid.Bool().Draw(t, "run") {
		return
	}
	c.cache.Ran(cached, c.run(cached).IDs()...)
}

// TestSharedListing: the plans of many fleets without changes take the requests of one
// listing of the organisation.
func TestSharedListing(t *testing.T) {
	d := newDaytona(t, emulator.Options{})
	defer d.close()
	var fleets []*spec.Fleet
	for i := range 20 {
		f := parse(t, fmt.Sprintf("version: 1\nname: f%d\nsandboxes: {f%d: {count: 30, labels: {team: a}}}\n", i, i))
		if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		fleets = append(fleets, f)
	}
	d.log()
	listing, err := observe.ListOrganization(t.Context(), d.api)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fleets {
		var cache observe.Cache
		cache.Share(listing)
		if _, p, err := cache.Plan(t.Context(), d.api, f, plan.Options{}, false); err != nil || !p.Empty() || len(p.Steps) != 30 {
			t.Fatal(err, p)
		}
	}
	if all, _ := d.log(); len(all) > 25 {
		t.Errorf("%d requests: %v", len(all), all)
	}
}

// TestCachedPlanCost: one label of one of many sandboxes takes five requests.
func TestCachedPlanCost(t *testing.T) {
	d := newDaytona(t, emulator.Options{})
	defer d.close()
	text := `
version: 1
name: many
sandboxes:
  one: {snapshot: daytona-small, labels: {team: a}}
  web: {snapshot: daytona-small, count: 250}
`
	var cache observe.Cache
	_, p, err := cache.Plan(t.Context(), d.api, parse(t, text), plan.Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	if r := d.run(p); !r.OK() {
		t.Fatal(outcome(r))
	}
	if _, _, err = cache.Plan(t.Context(), d.api, parse(t, text), plan.Options{}, true); err != nil {
		t.Fatal(err)
	}
	d.log()
	_, p, err = cache.Plan(t.Context(), d.api, parse(t, strings.Replace(text, "team: a", "team: b", 1)), plan.Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if r := d.run(p); !r.OK() || len(r.Results) != 1 {
		t.Fatalf("%v\n%s", r.Results, outcome(r))
	}
	if all, writing := d.log(); len(all) > 5 || len(writing) != 1 {
		t.Errorf("requests: %v", all)
	}
}
