package apply_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/gc"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// tellsStanding are the requests that return what the credentials and the organization
// may do.
var tellsStanding = regexp.MustCompile(`^(/api)?/(api-keys|organizations|object-storage)/`)

// TestPreflightAsksLittle checks that a plan reads the key, the organization and its
// quota once, in three reading requests at most, and not at all if nothing is created.
func TestPreflightAsksLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		ahead := func(text string, opts plan.Options) (*plan.Plan, int) {
			f := parse(t, text)
			d.log()
			world, err := observe.Observe(context.Background(), d.api, observe.Scope{Fleet: f, Plan: &opts})
			if err != nil {
				t.Fatal(err)
			}
			p := mustCompute(t, f, world, opts)
			if err := observe.Preflight(context.Background(), d.api, f, world, p, ""); err != nil {
				t.Fatal(err)
			}
			all, writing := d.log()
			if len(writing) > 0 {
				t.Errorf("it wrote: %v", writing)
			}
			asked := slices.DeleteFunc(all, func(r request) bool { return !tellsStanding.MatchString(r.Path) })
			return p, len(asked)
		}
		first, n := ahead(fleetOf(3, ""), plan.Options{})
		if n != 3 || len(first.Forecast.MissingPermissions)+len(first.Forecast.Shortages) > 0 {
			t.Errorf("a first plan takes %d requests: %+v", n, first.Forecast)
		}
		if r := d.run(first); !r.OK() {
			t.Fatal(outcome(r))
		}
		for name, c := range map[string]struct {
			text string
			opts plan.Options
			want int
		}{
			"nothing": {fleetOf(3, ""), plan.Options{}, 0},
			"changes": {fleetOf(3, "    public: true\n"), plan.Options{}, 0},
			"goes":    {fleetOf(3, ""), plan.Options{Destroy: true}, 0},
			"more":    {fleetOf(4, ""), plan.Options{}, 2}, // the organization is known from objects
		} {
			if p, n := ahead(c.text, c.opts); n != c.want || p.Forecast == nil {
				t.Errorf("%s: %d requests, want %d", name, n, c.want)
			}
		}
	})
}

// TestCollectGivesUp checks that an object that was used after the plan was made is left
// unchanged.
func TestCollectGivesUp(t *testing.T) {
	for _, what := range []plan.Action{plan.Delete, plan.Stop, plan.Archive} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{})
			defer d.close()
			f := parse(t, fleetOf(4, ""))
			if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
				t.Fatal(outcome(r))
			}
			time.Sleep(10 * time.Minute)
			world, err := observe.Observe(context.Background(), d.api, observe.Scope{Fleet: f, Organization: true})
			if err != nil {
				t.Fatal(err)
			}
			rule := gc.Rule{Kind: spec.SandboxKind, Owner: gc.OwnerFleet, IdleFor: time.Minute, Action: what}
			_, p := gc.Collect(f, world, []gc.Rule{rule}, gc.Options{Now: time.Now(), SpareActive: time.Minute, AllowDestroy: 9})
			d.send("POST", "/api/sandbox/worker-1/last-activity", nil)
			d.log()
			r := d.run(p)
			if r.Count(apply.Done) != 3 || r.Count(apply.Failed) != 1 {
				t.Errorf("%s: %s", what, outcome(r))
			}
			for _, x := range r.Results {
				if x.Outcome == apply.Failed && !errors.Is(x.Err, apply.ErrStale) {
					t.Errorf("%s: %v", what, x.Err)
				}
			}
			if o := d.plan(f, plan.Options{}); what == plan.Delete && len(o.Steps) != 6 {
				t.Error(story(o))
			}
		})
	}
}

// answers is a server that responds with bodies by path.
type answers map[string]string

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json")
	body, ok := a[req.URL.Path]
	if !ok {
		rec.WriteHeader(http.StatusNotFound)
		body = "{}"
	}
	_, _ = rec.WriteString(body)
	return rec.Result(), nil
}

// TestPreflightWithToken checks that a token may read the organization and its usage.
func TestPreflightWithToken(t *testing.T) {
	api, err := client.New(client.Config{URL: "http://localhost/api", JWT: "a.b.c", Organization: "o1", Transport: answers{
		"/api/organizations/o1":       `{"id": "o1", "suspended": true, "suspensionReason": "bill", "suspendedUntil": null, "defaultRegionId": "eu"}`,
		"/api/organizations/o1/usage": `{"regionUsage": [{"regionId": "eu", "sandboxClass": "container", "totalCpuQuota": 1, "currentCpuUsage": 0.5}], "totalSnapshotQuota": 0}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, "version: 1\nname: demo\nsandboxes: {a: {image: \"x:1\"}}\n")
	w := &plan.World{}
	p := mustCompute(t, f, w, plan.Options{})
	if err := observe.Preflight(context.Background(), api, f, w, p, ""); err != nil {
		t.Fatal(err)
	}
	if got, want := p.Forecast.SuspendedReason, "the organisation is suspended: bill"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if short := p.Forecast.PersistentShortages(); len(short) != 1 || short[0].Region != "eu" || short[0].Missing != 1 {
		t.Errorf("short of %v", short)
	}
}
