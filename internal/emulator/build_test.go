package emulator

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator/world"
)

func TestBuildContexts(t *testing.T) {
	g := newRig(t, Options{})
	s := g.storage()
	app := s.upload("app/", "app/main.py", "app/lib/x.py", "empty/")
	for name, c := range map[string]struct {
		dockerfile string
		hashes     []any
		failure    string
	}{
		"file":         {"COPY app/main.py /app/", []any{app}, ""},
		"directory":    {"COPY app /app", []any{app}, ""},
		"rooted":       {"COPY ./app/lib/ /app/lib", []any{app}, ""},
		"everything":   {"COPY . .", []any{app}, ""},
		"pattern":      {`COPY --chown=1:1 ["app/*.py", "/app/"]`, []any{app}, ""},
		"other stage":  {"COPY --from=build /bin/x /bin/x", nil, ""},
		"url":          {"ADD https://example.com/x.tgz /x", nil, ""},
		"missing":      {"COPY app/main.py app/none.py /app/", []any{app}, "failed to build image: COPY failed: file not found in build context: stat app/none.py: file does not exist"},
		"empty":        {"ADD empty /empty", []any{app}, "failed to build image: ADD failed: file not found in build context: stat empty: file does not exist"},
		"no context":   {"COPY app /app", nil, "failed to build image: COPY failed"},
		"not uploaded": {"RUN true", []any{app, "cafe"}, "failed to build image: build context cafe was not uploaded: there is no object " + s.org + "/cafe/context.tar"},
		"command":      {"RUN exit 1", nil, `failed to build image: process "/bin/sh -c exit 1" did not complete`},
	} {
		t.Run(name, func(t *testing.T) {
			build := obj("dockerfileContent", "FROM alpine:3.20\n"+c.dockerfile+"\n", "contextHashes", c.hashes)
			id := g.sandbox(obj("buildInfo", build))
			box := g.must("GET", "/sandbox/"+id, nil)
			g.must("POST", "/snapshots", obj("name", world.DigestOf(name), "buildInfo", build))
			snap := g.must("GET", "/snapshots/"+world.DigestOf(name), nil)
			wantBox, wantSnap := world.StateStarted, world.SnapshotActive
			if c.failure != "" {
				wantBox, wantSnap = world.StateBuildFailed, world.StateError
				for _, a := range []got{box, snap} {
					if !strings.HasPrefix(a.text("errorReason"), c.failure) {
						t.Errorf("reason %s", a.text("errorReason"))
					}
				}
			}
			if box.text("state") != wantBox || snap.text("state") != wantSnap {
				t.Errorf("sandbox %s, snapshot %s", box.text("state"), snap.text("state"))
			}
		})
	}
}

const steps4 = `# a comment
FROM python:3.12
RUN pip install \
    numpy

COPY app /app
CMD ["python"]
`

// logs of a build at the URL in the response.
func (g *rig) logs(path string) string {
	g.t.Helper()
	url := g.must("GET", path+"/build-logs-url", nil).text("url")
	return g.do("GET", url, nil).raw
}

func TestBuildLogs(t *testing.T) {
	g := newRig(t, Options{Delays: world.Delays{Build: 8 * time.Second}})
	id := g.sandbox(obj("buildInfo", obj("dockerfileContent", strings.Replace(steps4, "COPY app /app", "ENV A=b", 1))))
	lines := []string{
		"Step 1/4 : FROM python:3.12\n", "Step 2/4 : RUN pip install numpy\n", "Step 3/4 : ENV A=b\n", "Step 4/4 : CMD [\"python\"]\n",
		"Successfully built ",
	}
	for _, c := range []struct {
		at    time.Duration
		lines int
	}{{0, 0}, {2 * time.Second, 1}, {3400 * time.Millisecond, 1}, {3500 * time.Millisecond, 2}, {5 * time.Second, 3}, {7 * time.Second, 4}, {8 * time.Second, 5}} {
		g.clock = testStart.Add(c.at)
		want := strings.Join(lines[:c.lines], "")
		got := g.logs("/sandbox/" + id)
		if c.lines == 5 {
			got = got[:len(want)]
		}
		if got != want {
			t.Errorf("after %v: %q, want %q", c.at, got, want)
		}
	}
	if a := g.must("GET", "/sandbox/"+id+"/build-logs", nil).raw; a != g.logs("/sandbox/"+id) {
		t.Errorf("the deprecated route: %q", a)
	}
	g.key = ""
	if a := g.do("GET", "/proxy/sandboxes/"+id+"/build-logs", nil); a.status != 401 {
		t.Errorf("without a key: %d", a.status)
	}
}

func TestBuildLogsOfFailures(t *testing.T) {
	g := newRig(t, Options{})
	snap := g.must("POST", "/snapshots", obj("name", "s", "buildInfo", obj("dockerfileContent", steps4))).text("id")
	want := "Step 1/4 : FROM python:3.12\nStep 2/4 : RUN pip install numpy\nStep 3/4 : COPY app /app\nERROR: failed to build image: COPY failed: file not found in build context: stat app: file does not exist\n"
	if got := g.logs("/snapshots/" + snap); got != want {
		t.Errorf("got %q", got)
	}
	pulled := g.must("POST", "/snapshots", obj("name", "p", "imageName", "a:1")).text("id")
	g.expect("GET", "/snapshots/"+pulled+"/build-logs-url", nil, 404, "Snapshot "+pulled+" has no build info")
	box := g.sandbox(nil)
	g.expect("GET", "/sandbox/"+box+"/build-logs", nil, 404, "Sandbox "+box+" has no build info")
	g.expect("GET", "/sandbox/none/build-logs-url", nil, 404, "Sandbox with ID or name none not found")
	for _, path := range []string{"/proxy/sandboxes/none/build-logs", "/proxy/elsewhere/" + snap + "/build-logs", "/proxy/snapshots/" + snap} {
		if a := g.do("GET", path, nil); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// TestLogsAreFollowed checks that the stream ends with the build, and never blocks
// other requests.
func TestLogsAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, err := New(Options{Control: true, Delays: world.Delays{Build: 40 * time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		g := &rig{t: t, srv: srv, key: "k"}
		id := g.must("POST", "/snapshots", obj("name", "s", "buildInfo", obj("dockerfileContent", "FROM a:1\nRUN b\n"))).text("id")
		begin := time.Now()
		if text := g.do("GET", "/proxy/snapshots/"+id+"/build-logs?follow=true", nil).raw; !strings.Contains(text, "Successfully built") {
			t.Errorf("log %q", text)
		}
		if took := time.Since(begin); took != 40*time.Second {
			t.Errorf("took %v", took)
		}
		held := g.must("POST", "/snapshots", obj("name", "held", "buildInfo", obj("dockerfileContent", "FROM a:2\n"))).text("id")
		followed := make(chan string)
		go func() {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/snapshots/"+held+"/build-logs?follow=true", nil)
			r.Header.Set("Authorization", "Bearer k")
			srv.ServeHTTP(w, r)
			followed <- w.Body.String()
		}()
		synctest.Wait()
		g.control("POST", "clock", obj("advance", "1h"))
		if text := <-followed; !strings.HasPrefix(text, "Step 1/1 : FROM a:2\nSuccessfully built") || time.Since(begin) != 40*time.Second {
			t.Errorf("log %q after %v", text, time.Since(begin))
		}
	})
}
