package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// An ambush interferes just before a request is sent, and records the requests after it.
type ambush struct {
	next   http.RoundTripper
	at     int // the request before which it strikes, from 0
	strike func()
	sent   []string
	struck bool
}

func (a *ambush) RoundTrip(req *http.Request) (*http.Response, error) {
	if len(a.sent) == a.at {
		a.struck = true
		a.strike()
	}
	a.sent = append(a.sent, req.Method+" "+req.URL.Path)
	return a.next.RoundTrip(req)
}

// A change is a change of a fleet in one step, and the action of that step.
type way struct {
	name          string
	before, after string // of sandboxes
	action        plan.Action
}

var ways = []way{
	{name: "create", after: "web: {snapshot: daytona-small}", action: plan.Create},
	{name: "create and finish", after: "web: {snapshot: daytona-small, ready: {exec: check}, hooks: {after_create: {exec: warm}}}", action: plan.Create},
	{name: "create stopped", after: "web: {snapshot: daytona-small, state: stopped}", action: plan.Create},
	{name: "intervals", before: "web: {auto_stop_interval: 30, auto_archive_interval: 60}", after: "web: {auto_stop_interval: 45, auto_archive_interval: 90}", action: plan.Update},
	{name: "labels", before: "web: {labels: {team: a}}", after: "web: {labels: {team: b}}", action: plan.Update},
	{name: "network", before: "web: {network_block_all: true}", after: "web: {network_block_all: false}", action: plan.Update},
	{name: "resize", before: "web: {image: 'debian:12', resources: {cpu: 1}}", after: "web: {image: 'debian:12', resources: {cpu: 2}}", action: plan.Update},
	{name: "resize at rest", before: "web: {image: 'debian:12', resources: {disk: 3}}", after: "web: {image: 'debian:12', resources: {disk: 4}}", action: plan.Update},
	{name: "stop", before: "web: {state: started}", after: "web: {state: stopped}", action: plan.Stop},
	{name: "start", before: "web: {state: stopped}", after: "web: {state: started}", action: plan.Start},
	{name: "replace", before: "web: {env_vars: {A: '1'}}", after: "web: {env_vars: {A: '2'}}", action: plan.Replace},
	{name: "replace and roll back", before: "web: {env_vars: {A: '1'}}", after: "web: {env_vars: {A: '2'}, ready: {exec: worse, retries: 0}, rollout: {on_failure: rollback}}", action: plan.Replace},
	{name: "delete", before: "web: {}", after: "", action: plan.Delete},
	{name: "delete with a hook", before: "web: {hooks: {before_destroy: {exec: save}}}, box: {}", after: "box: {}", action: plan.Delete},
}

// A deed is what another user does to the sandbox.
type deed struct {
	name string
	// do returns the id of the sandbox that belongs to the other user from then on;
	// empty if none does.
	do     func(d *daytona) string
	shared bool // it is not the other user's, but must not be deleted
}

var deeds = []deed{
	{name: "deletes it", do: func(d *daytona) string {
		d.another("DELETE", "/api/sandbox/"+d.sandboxes()["web"].ID, nil)
		return ""
	}},
	{name: "takes it into another fleet", do: func(d *daytona) string {
		return d.taken(map[string]string{"fleet-name": "another", "fleet-key": "theirs"})
	}},
	{name: "lets it go", do: func(d *daytona) string {
		return d.taken(map[string]string{"owner": "me"})
	}},
	{name: "protects it", shared: true, do: func(d *daytona) string {
		labels := map[string]string{"fleet-protect": "true"}
		maps.Copy(labels, d.sandboxes()["web"].Labels)
		return d.taken(labels)
	}},
	{name: "stops it", do: func(d *daytona) string {
		d.another("POST", "/api/sandbox/"+d.sandboxes()["web"].ID+"/stop", nil)
		return ""
	}},
	{name: "makes it anew", do: func(d *daytona) string {
		d.another("DELETE", "/api/sandbox/"+d.sandboxes()["web"].ID, nil)
		d.another("POST", "/api/sandbox", map[string]any{"name": "web", "labels": map[string]string{"owner": "me"}})
		if s := d.sandboxes()["web"]; s.Labels["owner"] == "me" {
			return s.ID
		}
		return ""
	}},
}

// another sends a request as another user, and accepts a refusal.
func (d *daytona) another(method, path string, body any) {
	text, _ := json.Marshal(body)
	if body == nil {
		text = nil
	}
	req := httptest.NewRequest(method, path, strings.NewReader(string(text)))
	req.Header.Set("Authorization", "Bearer k")
	req.Header.Set("Content-Type", "application/json")
	d.handler.ServeHTTP(httptest.NewRecorder(), req)
}

// taken gives the sandbox other labels.
func (d *daytona) taken(labels map[string]string) string {
	s, ok := d.sandboxes()["web"]
	if !ok {
		return ""
	}
	d.another("PUT", "/api/sandbox/"+s.ID+"/labels", map[string]any{"labels": labels})
	return s.ID
}

const solo = "version: 1\nname: solo\nsandboxes: {%s}\n"

// TestRivals lets another user do something to a sandbox before each request of its
// step. The sandbox is not changed any more once it is theirs, the report is true, and
// the next plan makes the rest match the spec.
func TestRivals(t *testing.T) {
	for _, w := range ways {
		for _, x := range deeds {
			t.Run(w.name+", and somebody "+x.name, func(t *testing.T) {
				told := map[string][]int{}
				for at := 0; ; at += thinned {
					struck := false
					synctest.Test(t, func(t *testing.T) {
						var what string
						struck, what = rival(t, w, x, at)
						told[what] = append(told[what], at)
					})
					if !struck {
						break
					}
				}
				for _, what := range slices.Sorted(maps.Keys(told)) {
					t.Logf("before request %v: %s", told[what], what)
				}
			})
		}
	}
}

// rival executes a step while another user interferes before a request.
func rival(t *testing.T, w way, x deed, at int) (struck bool, what string) {
	const some = 400 * time.Millisecond
	d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: some, Delete: some, Stop: some, Start: some, Resize: some}})
	defer d.close()
	d.settled(fmt.Sprintf(solo, w.before))
	f := parse(t, fmt.Sprintf(solo, w.after))
	p := d.plan(f, plan.Options{AllowDestroy: 10})
	if s := p.Steps[slices.IndexFunc(p.Steps, func(s *plan.Step) bool { return s.Name == "web" })]; s.Action != w.action {
		t.Fatalf("the step is %s, want %s", s.Action, w.action)
	}

	d.send("POST", "/_emulator/toolbox", map[string]any{"command": "worse", "exitCode": 1, "count": 1})
	theirs := ""
	trap := &ambush{next: inProcess{d.handler}, at: at, strike: func() { theirs = x.do(d) }}
	api, err := client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: trap})
	if err != nil {
		t.Fatal(err)
	}
	r := apply.Run(context.Background(), api, p, apply.Options{Parallelism: 1}, func(apply.Event) {})
	result := r.Results[0]
	what = fmt.Sprintf("%s: %v", result.Outcome, result.Err)
	fail := func(format string, args ...any) {
		t.Errorf("before request %d of\n  %s\n%s\nreported %s", at, strings.Join(trap.sent, "\n  "), fmt.Sprintf(format, args...), what)
	}

	// Their sandbox is left unchanged, except by the request before which it became
	// theirs.
	for i, line := range trap.sent {
		writes := !strings.HasPrefix(line, "GET ") && !strings.HasSuffix(line, "/execute")
		if x.shared {
			writes = strings.HasPrefix(line, "DELETE ")
		}
		if theirs != "" && i > at && writes && strings.Contains(line, theirs) {
			fail("%s was sent to what is another's", line)
		}
	}
	time.Sleep(15 * time.Second)
	now := d.sandboxes()["web"]
	last := len(trap.sent) - 1
	for ; last >= 0 && strings.HasPrefix(trap.sent[last], "GET "); last-- {
	}
	next := d.plan(f, plan.Options{AllowDestroy: 10})
	left := slices.IndexFunc(next.Steps, func(s *plan.Step) bool { return s.Name == "web" })
	switch {
	case result.Outcome != apply.Done || at >= last: // it was true when it was reported
	case w.action == plan.Delete && now.ID == result.ID:
		fail("it is there: %v", now)
	case w.action != plan.Delete && now.ID != result.ID:
		fail("its id is %s, and there is %v", result.ID, now)
	case left >= 0 && next.Steps[left].Action != plan.NoOp && x.name != "stops it":
		fail("left to do: %s", story(next))
	}

	// The next runs make it match the spec, unless it is theirs.
	for range 2 {
		if len(next.Blocked()) > 0 {
			break
		}
		d.run(next)
		time.Sleep(15 * time.Second)
		next = d.plan(f, plan.Options{AllowDestroy: 10})
	}
	switch blocked := len(next.Blocked()) > 0; {
	case blocked && theirs == "":
		fail("the next plan is blocked: %s", story(next))
	case !blocked && !next.Empty():
		fail("it does not converge: %s", story(next))
	}
	// Labels are written as a whole: changes to them since they were read are lost, and
	// with them that the sandbox was taken over.
	lost := at < len(trap.sent) && strings.HasPrefix(trap.sent[at], "PUT ")
	if s, ok := d.sandboxes()["web"]; theirs != "" && !lost && now.ID == theirs && (!ok || s.ID != theirs) {
		fail("what is another's is gone")
	}
	there := d.sandboxes()
	for _, r := range f.OfKind(spec.SandboxKind) {
		delete(there, r.Name())
	}
	if theirs == "" && len(there) > 0 {
		fail("orphans: %v", there)
	}
	return trap.struck, what
}
