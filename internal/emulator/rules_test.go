package emulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"fleet/internal/emulator/world"
)

// TestCreateIsChecked checks the order of the server's checks: the first problem is the
// one in the response.
func TestCreateIsChecked(t *testing.T) {
	g := newRig(t, Options{})
	volA(g)
	mount := func(path string) map[string]any {
		return obj("volumes", []any{obj("volumeId", "vol-a", "mountPath", path)})
	}
	for _, c := range []struct {
		body    map[string]any
		status  int
		message string
	}{
		{obj("name", 5, "env", []any{}), 400, "name must be a string, env must be an object"},
		{obj("name", "<b>"), 400, "name must not contain HTML tags"},
		{obj("name", "tab\tand\nline, ü/.. < ok"), 200, ""},
		{obj("target", "mars", "snapshot", "nope"), 404, "Region not found"},
		{obj("target", "US"), 404, "Region not found"},
		{obj("snapshot", "nope"), 400, "Snapshot nope not found. Did you add it"},
		{obj("snapshot", "Daytona-Small"), 400, "Snapshot Daytona-Small not found"},
		{obj("cpu", 0, "memory", 0), 200, ""},
		{obj("autoStopInterval", -1), 400, "Auto-stop interval must be non-negative"},
		{obj("autoDeleteInterval", -5), 200, ""},
		{obj("volumes", []any{obj("volumeId", "none", "mountPath", "/x")}), 404, "Volume 'none' not found"},
		{mount("x"), 400, "Invalid mount path x (must be absolute)"},
		{mount("/"), 400, "Invalid mount path / (cannot mount to the root directory)"},
		{mount("/a/../b"), 400, "Invalid mount path /a/../b (cannot contain relative path components)"},
		{mount("/a//b"), 400, "Invalid mount path /a//b (cannot contain consecutive slashes)"},
		{mount("/data/"), 200, ""},
		{obj("networkAllowList", "10.0.0.1"), 400, "Invalid network"},
		{obj("networkAllowList", strings.Repeat("10.0.0.0/8,", 10)), 400, "Network allow list"},
		{obj("buildInfo", obj("dockerfileContent", "FROM a:1"), "linkedSandbox", "x"), 400, "Cannot specify"},
	} {
		g.expect("POST", "/sandbox", c.body, c.status, c.message)
	}
	a := g.must("GET", "/sandbox/"+g.sandbox(obj("name", "n", "autoDeleteInterval", -5, "autoArchiveInterval", 0)), nil)
	if a.text("autoDeleteInterval") != "-5" || a.text("autoArchiveInterval") != "43200" {
		t.Errorf("stored %s", a.raw)
	}
}

func TestBodies(t *testing.T) {
	g := newRig(t, Options{})
	g.expect("POST", "/sandbox", `{"name":`, 400, "Invalid JSON in request body")
	g.expect("POST", "/sandbox", `[]`, 200, "")
	for kind, status := range map[string]int{"text/plain": 200, "application/x-www-form-urlencoded": 200} {
		r := httptest.NewRequest(http.MethodPost, "/api/sandbox", strings.NewReader("name=form"))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer k")
		w := httptest.NewRecorder()
		g.srv.ServeHTTP(w, r)
		if w.Code != status || strings.Contains(w.Body.String(), `"name":"form"`) != (kind != "text/plain") {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}

func TestLabelsAreReplaced(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("labels", obj("a", "b")))
	path := "/sandbox/" + id
	for _, body := range []map[string]any{obj(), obj("a", "c")} {
		a := g.must("PUT", path+"/labels", body)
		if a.field("labels") != nil {
			t.Errorf("answer %s", a.raw)
		}
		if g.must("GET", path, nil).field("labels").(map[string]any)["a"] != "b" {
			t.Error("labels changed")
		}
	}
	g.must("PUT", path+"/labels", obj("labels", nil))
	if a := g.must("GET", path, nil); !strings.Contains(a.raw, `"labels":null`) {
		t.Errorf("null labels: %s", a.raw)
	}
	g.expect("PUT", path+"/labels", obj("labels", "x"), 400, "labels must be an object")
}

func TestNetworkRules(t *testing.T) {
	g := newRig(t, Options{})
	path := "/sandbox/" + g.sandbox(nil)
	for _, c := range []struct {
		body  map[string]any
		block bool
		list  any
	}{
		{obj("networkAllowList", "10.0.0.0/8"), false, "10.0.0.0/8"},
		{obj("domainAllowList", "a.com"), false, "10.0.0.0/8"},
		{obj("networkBlockAll", true), true, nil},
		{obj("networkBlockAll", true, "networkAllowList", "10.0.0.0/8"), false, "10.0.0.0/8"},
		{obj("networkBlockAll", false), false, nil},
		{obj("networkAllowList", ""), false, nil},
	} {
		a := g.must("POST", path+"/network-settings", c.body)
		if a.field("networkBlockAll") != c.block || a.field("networkAllowList") != c.list {
			t.Errorf("%v: %v %v", c.body, a.field("networkBlockAll"), a.field("networkAllowList"))
		}
	}
	g.expect("POST", path+"/network-settings", obj("networkAllowList", nil), 400, "")
	if got := g.must("GET", path, nil).field("domainAllowList"); got != "a.com" {
		t.Errorf("domains %v", got)
	}
}

func TestVolumeInUse(t *testing.T) {
	g := newRig(t, Options{})
	id := volA(g)
	g.sandbox(obj("name", "user", "volumes", []any{obj("volumeId", id, "mountPath", "/d", "extra", 1)}))
	if a := g.must("GET", "/sandbox/user", nil); !strings.Contains(a.raw, `"extra":1`) {
		t.Errorf("volumes of %s", a.raw)
	}
	g.must("POST", "/sandbox/user/stop", nil)
	g.expect("DELETE", "/volumes/"+id, nil, 409, "Volume cannot be deleted because it is in use by one or more sandboxes (e.g. user)")
	g.must("DELETE", "/sandbox/user", nil)
	g.must("DELETE", "/volumes/"+id, nil)
	g.expect("GET", "/volumes/by-name/vol-a", nil, 404, "")
	if s := g.must("GET", "/volumes/"+id, nil).text("state"); s != world.VolumeDeleted {
		t.Errorf("state %s", s)
	}
	volA(g)
}

func TestIDsComeFirst(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("name", "first"))
	g.sandbox(obj("name", id))
	if n := g.must("GET", "/sandbox/"+id, nil).text("name"); n != "first" {
		t.Errorf("found %s", n)
	}
	g.expect("GET", "/sandbox/"+strings.ToUpper(id), nil, 404, "")
}

// TestOneNameOneSandbox checks that one of several concurrent creations with the same
// name succeeds.
func TestOneNameOneSandbox(t *testing.T) {
	g := newRig(t, Options{})
	var wg sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		wg.Go(func() {
			statuses[i] = g.api("POST", "/sandbox", obj("name", "one")).status
			g.api("GET", "/sandbox", nil)
			g.api("POST", fmt.Sprintf("/sandbox/one/autostop/%d", i), nil)
		})
	}
	wg.Wait()
	won := 0
	for _, s := range statuses {
		if s == 200 {
			won++
		} else if s != 409 {
			t.Errorf("status %d", s)
		}
	}
	if won != 1 {
		t.Errorf("%d creates won", won)
	}
}

func BenchmarkCreate(b *testing.B) {
	srv, err := New(Options{StateFile: b.TempDir() + "/state"})
	if err != nil {
		b.Fatal(err)
	}
	defer srv.Close()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/api/sandbox", nil)
		r.Header.Set("Authorization", "Bearer k")
		srv.ServeHTTP(httptest.NewRecorder(), r)
	}
}
