package apply_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/buildcontext"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// withContext gives all objects of a fleet an image that copies a local file of a size, and
// returns the path of the file.
func withContext(t *testing.T, f *spec.Fleet, size int) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "app.py")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", size)), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := buildcontext.NewHasher(buildcontext.Options{}).Hash(t.Context(), buildcontext.Source{Root: dir, Path: "app.py", Archive: "app.py"})
	if err != nil {
		t.Fatal(err)
	}
	image := spec.Image{
		Name: "i", Dockerfile: "FROM debian:12\nCOPY app.py /app.py\n",
		ContextHashes: []string{m.Hash}, Contexts: []buildcontext.Manifest{m},
	}
	for _, r := range f.Resources {
		if err := r.Set("image", image); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// storageRequests are the methods of requests to the object storage.
type storageRequests struct {
	mu   sync.Mutex
	sent []string
}

func (s *storageRequests) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, m := range s.sent {
		if m == method {
			n++
		}
	}
	return n
}

// watchStorage records the requests to the storage. answer may answer a request, and then
// returns true.
func (d *daytona) watchStorage(answer func(http.ResponseWriter, *http.Request) bool) *storageRequests {
	s := &storageRequests{}
	next := d.handler
	d.handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/s3/") {
			s.mu.Lock()
			s.sent = append(s.sent, req.Method)
			s.mu.Unlock()
			if answer(w, req) {
				return
			}
		}
		next.ServeHTTP(w, req)
	})
	return s
}

func passOn(http.ResponseWriter, *http.Request) bool { return false }

const uploading = "version: 1\nname: many\nsandboxes: {a: {count: 4, image: \"debian:12\"}}\nsnapshots: {s: {image: \"debian:12\"}}\n"

// TestUpload checks that the local files of an image are uploaded once, before anything is
// built from them, and that the progress is reported.
func TestUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Build: buildTime}})
		defer d.close()
		f := parse(t, uploading)
		withContext(t, f, 100_000)
		p := d.plan(f, plan.Options{})
		storage := d.watchStorage(passOn)
		var events []apply.Event
		r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(e apply.Event) {
			if e.Phase == apply.Uploading {
				events = append(events, e)
			}
		})
		if !r.OK() {
			t.Fatal(outcome(r))
		}
		if heads, puts := storage.count(http.MethodHead), storage.count(http.MethodPut); heads != 1 || puts != 1 {
			t.Errorf("%d HEAD, %d PUT", heads, puts)
		}
		if len(events) == 0 {
			t.Fatal("no progress is reported")
		}
		last := events[len(events)-1]
		if last.Step.Address.Kind != spec.SnapshotKind || last.Upload.Sent != last.Upload.Total || last.Upload.Total < 100_000 {
			t.Errorf("%s: %+v", last.Step.Address, last.Upload)
		}
		for _, x := range d.plan(f, plan.Options{}).Steps {
			if x.Action != plan.NoOp {
				t.Errorf("%s %s", x.Action, x.Address)
			}
		}
		// Another run finds the files in the storage.
		d.send("DELETE", "/api/sandbox/a-1", nil)
		if r := d.run(d.plan(f, plan.Options{})); !r.OK() || storage.count(http.MethodHead) != 2 || storage.count(http.MethodPut) != 1 {
			t.Errorf("%d HEAD, %d PUT; %s", storage.count(http.MethodHead), storage.count(http.MethodPut), outcome(r))
		}
	})
}

// TestFailedUpload checks that nothing is deleted or created if the local files cannot be
// uploaded, for each kind of step, and that the others with the image are not started.
func TestFailedUpload(t *testing.T) {
	for name, c := range map[string]struct {
		refused bool
		spoil   func(file string) error
		reason  string
	}{
		"refused by the storage": {true, func(string) error { return nil }, "no space in the bucket"},
		"a file is gone":         {false, os.Remove, "app.py"},
		"a file has changed":     {false, func(file string) error { return os.WriteFile(file, []byte("other"), 0o600) }, "app.py"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				if r := d.run(d.plan(parse(t, strings.ReplaceAll(uploading, "debian:12", "debian:11")), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				f := parse(t, uploading)
				file := withContext(t, f, 10)
				p := d.plan(f, plan.Options{AllowDestroy: 10})
				if err := c.spoil(file); err != nil {
					t.Fatal(err)
				}
				d.watchStorage(func(w http.ResponseWriter, req *http.Request) bool {
					if c.refused && req.Method == http.MethodPut {
						w.WriteHeader(http.StatusForbidden)
						_, _ = w.Write([]byte("<Error><Code>QuotaExceeded</Code><Message>no space in the bucket</Message></Error>"))
						return true
					}
					return false
				})
				d.log()
				r := d.run(p)
				if _, writing := d.log(); len(writing) != 0 {
					t.Errorf("%v", writing)
				}
				if r.Count(apply.Failed) != 1 || r.Count(apply.Skipped) != 4 || r.Partial() {
					t.Error(outcome(r))
				}
				for _, x := range r.Results {
					if x.Outcome != apply.Failed {
						continue
					}
					reason, found := strings.CutPrefix(x.Err.Error(), "the local files of its image were not uploaded, and nothing was changed: ")
					if !found || !strings.Contains(reason, c.reason) {
						t.Error(x.Err)
					}
				}
			})
		})
	}
}

// TestStoppedUpload checks that an upload ends as soon as the run is stopped or cancelled,
// with nothing changed, and that the next run continues.
func TestStoppedUpload(t *testing.T) {
	for name, stop := range map[string]func(stop func(), cancel func()){
		"stopped":   func(stop, _ func()) { stop() },
		"cancelled": func(_, cancel func()) { cancel() },
		"both":      func(stop, cancel func()) { stop(); cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				f := parse(t, uploading)
				withContext(t, f, 10)
				p := d.plan(f, plan.Options{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stopped := make(chan struct{})
				hanging := true
				d.watchStorage(func(_ http.ResponseWriter, req *http.Request) bool {
					if !hanging || req.Method != http.MethodPut {
						return false
					}
					stop(func() { close(stopped) }, cancel)
					<-req.Context().Done()
					return true
				})
				d.log()
				r := apply.Run(ctx, d.api, p, apply.Options{Stop: stopped, GracePeriod: time.Hour}, func(apply.Event) {})
				if _, writing := d.log(); len(writing) != 0 || r.Duration > time.Minute {
					t.Errorf("after %s: %v", r.Duration, writing)
				}
				if !r.Interrupted || r.Count(apply.Interrupted) != 1 || r.Count(apply.Skipped) != 4 {
					t.Error(outcome(r))
				}
				if want := "interrupted snapshot.s: the run was stopped while the local files of its image were uploaded; nothing was changed\n"; !strings.Contains(outcome(r), want) {
					t.Error(outcome(r))
				}
				hanging = false
				if r := d.run(p); !r.OK() {
					t.Error(outcome(r))
				}
			})
		})
	}
}
