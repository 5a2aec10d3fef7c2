package apply_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// A filed is a fleet with one sandbox that has files.
type filed struct {
	*daytona
	t   *testing.T
	dir string
}

// newFiled returns a fleet whose files are app.toml and the directory conf with run.sh,
// which is executable.
func newFiled(t *testing.T) filed {
	f := filed{newDaytona(t, emulator.Options{}), t, t.TempDir()}
	f.write("app.toml", "binary\x00\xff", 0o600)
	f.write("conf/run.sh", "#!/bin/sh\n", 0o700)
	f.write("conf/deep/x", "x", 0o600)
	return f
}

func (f filed) write(name, content string, mode os.FileMode) {
	f.t.Helper()
	file := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), mode); err != nil {
		f.t.Fatal(err)
	}
}

// fleet returns the fleet with more attributes.
func (f filed) fleet(more string) *spec.Fleet {
	f.t.Helper()
	return parseWithFiles(f.t, fmt.Sprintf("version: 1\nname: demo\nsandboxes: {web: {snapshot: daytona-small, files: {/etc/app.toml: {source: %s/app.toml, mode: \"0640\"}, /opt/conf: %s/conf}%s}}", f.dir, f.dir, more))
}

// content returns the files in the sandbox, in lines.
func (f filed) content() string {
	f.t.Helper()
	var lines []string
	id := f.sandboxes()["web"].ID
	for _, path := range []string{"/etc/app.toml", "/opt/conf/run.sh", "/opt/conf/deep/x"} {
		if digest, size, err := f.api.FileDigest(f.t.Context(), id, path, 1<<20); err == nil {
			lines = append(lines, fmt.Sprintf("%s %d %x", path, size, digest[:4]))
		}
	}
	return strings.Join(lines, "\n")
}

// apply runs a plan, which must succeed, and returns its operations.
func (f filed) apply(fleet *spec.Fleet) string {
	f.t.Helper()
	p := f.plan(fleet, plan.Options{AllowDestroy: 10})
	if r := f.run(p); !r.OK() {
		f.t.Fatalf("%s%s", outcome(r), story(p))
	}
	return verbsOf(p)
}

func verbsOf(p *plan.Plan) string {
	var verbs []string
	for _, s := range p.Steps {
		for _, op := range s.Ops {
			verbs = append(verbs, string(op.Verb))
		}
	}
	return strings.Join(verbs, " ")
}

// uploaded are the files of newFiled in the sandbox.
var uploaded = func() string {
	var lines []string
	for _, f := range [][2]string{{"/etc/app.toml", "binary\x00\xff"}, {"/opt/conf/run.sh", "#!/bin/sh\n"}, {"/opt/conf/deep/x", "x"}} {
		digest := sha256.Sum256([]byte(f[1]))
		lines = append(lines, fmt.Sprintf("%s %d %x", f[0], len(f[1]), digest[:4]))
	}
	return strings.Join(lines, "\n")
}()

// TestFilesAreUploaded: files are sent after the creation and before the hook, once, and
// again when one changes. Modes are set where they matter.
func TestFilesAreUploaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFiled(t)
		defer f.close()
		hook := ", ready: {exec: 'true'}, hooks: {after_create: {exec: 'true'}}"
		if did := f.apply(f.fleet(hook)); did != "create upload check hook finish" {
			t.Errorf("the first plan did %s", did)
		}
		all, _ := f.log()
		var modes []string
		for _, r := range all {
			if strings.Contains(r.Path, "/files/permissions") {
				_, query, _ := strings.Cut(r.Path, "?")
				modes = append(modes, query)
			}
			if strings.Contains(r.Body, "binary") {
				t.Errorf("%s has the content in its log", r.Path)
			}
		}
		if want := []string{"mode=0640&path=%2Fetc%2Fapp.toml", "mode=0755&path=%2Fopt%2Fconf%2Frun.sh"}; !slices.Equal(modes, want) {
			t.Errorf("modes %q, want %q", modes, want)
		}
		if got := f.content(); got != uploaded {
			t.Errorf("the sandbox has\n%s", got)
		}
		if p := f.plan(f.fleet(hook), plan.Options{}); !p.Empty() {
			t.Errorf("the second plan has %s", story(p))
		}
		f.write("conf/deep/x", "y", 0o600)
		if did := f.apply(f.fleet(hook)); did != "upload" {
			t.Errorf("after a change the plan did %s", did)
		}
		if got := f.content(); got == uploaded || strings.Count(got, "\n") != 2 {
			t.Errorf("after the change the sandbox has\n%s", got)
		}
		f.log()
		f.apply(f.fleet(hook))
		if _, writing := f.log(); len(writing) > 0 {
			t.Errorf("without a change it wrote %v", writing)
		}
	})
}

// TestFilesWait: a sandbox that is not started keeps its files until it is found started,
// unless the plan starts it anyway.
func TestFilesWait(t *testing.T) {
	for name, test := range map[string]struct{ more, did string }{
		"no run state": {"", ""}, "stopped": {", state: stopped", ""}, "started": {", state: started", "start upload"},
		"another change": {", public: true", "call"}, "a resize": {", auto_stop_interval: 7, state: started", "call start upload"},
		"the labels": {", labels: {a: b}", "label"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFiled(t)
				defer f.close()
				f.apply(f.fleet(""))
				id := f.sandboxes()["web"].ID
				f.send("POST", "/api/sandbox/"+id+"/stop", nil)
				f.send("POST", "/_emulator/sandboxes/"+id, map[string]any{"state": "stopped"})
				f.write("app.toml", "new", 0o600)
				fleet := f.fleet(test.more)
				p := f.plan(fleet, plan.Options{})
				waits := strings.Contains(p.Steps[0].RetainedReason, "uploaded when it is next found started")
				if waits == strings.Contains(test.did, "upload") {
					t.Errorf("the plan says %q", p.Steps[0].RetainedReason)
				}
				if expected := p.Steps[0].Drift == plan.Expected; expected != (p.Empty() && waits) && test.did != "start upload" {
					t.Errorf("the drift is %q", p.Steps[0].Drift)
				}
				if did := f.apply(fleet); did != test.did {
					t.Errorf("it did %q, want %q", did, test.did)
				}
				if p := f.plan(fleet, plan.Options{}); !p.Empty() {
					t.Errorf("afterwards the plan has %s", story(p))
				}
				if test.did == "start upload" {
					return
				}
				f.send("POST", "/api/sandbox/"+id+"/start", nil)
				f.send("POST", "/_emulator/sandboxes/"+id, map[string]any{"state": "started"})
				if did := f.apply(fleet); test.more == ", state: stopped" {
					if did != "upload stop" {
						t.Errorf("started, it did %q", did)
					}
					return
				}
				if got := f.content(); !strings.HasPrefix(got, "/etc/app.toml 3 ") {
					t.Errorf("started, the sandbox has\n%s", got)
				}
			})
		})
	}
}

// TestFailedUploadIsRepeated: while an upload is not complete, the labels do not have the
// digest of the files, for each request that may fail. The next run uploads, even if the
// spec has its former files again.
func TestFailedUploadIsRepeated(t *testing.T) {
	for _, failing := range []string{"/files/bulk-upload", "/files/permissions", "/labels"} {
		t.Run(failing, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFiled(t)
				defer f.close()
				f.apply(f.fleet(""))
				f.write("app.toml", "new", 0o600)
				next, count := f.handler, 0
				f.handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					if strings.HasSuffix(req.URL.Path, failing) {
						if count++; count > 1 || failing != "/labels" { // the first one removes the digest
							w.WriteHeader(http.StatusBadRequest)
							return
						}
					}
					next.ServeHTTP(w, req)
				})
				if r := f.run(f.plan(f.fleet(""), plan.Options{})); r.Count(apply.Failed) != 1 {
					t.Fatalf("%s did not fail", failing)
				}
				f.handler = next
				f.write("app.toml", "binary\x00\xff", 0o600)
				if did := f.apply(f.fleet("")); did != "upload" {
					t.Errorf("the next run did %q", did)
				}
				if got := f.content(); got != uploaded {
					t.Errorf("the sandbox has\n%s", got)
				}
			})
		})
	}
}

// TestFailedFirstUpload: if the first upload fails, the sandbox stays unfinished, and the
// next run uploads before it runs the hook.
func TestFailedFirstUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFiled(t)
		defer f.close()
		f.send("POST", "/_emulator/faults", map[string]any{"method": "POST", "path": "/toolbox/*/files/bulk-upload", "kind": "status", "status": 400, "count": 1})
		fleet := f.fleet(", hooks: {after_create: {exec: 'true'}}")
		if r := f.run(f.plan(fleet, plan.Options{})); r.Count(apply.Failed) != 1 {
			t.Fatal("the upload did not fail")
		}
		if did := f.apply(fleet); did != "upload hook finish" {
			t.Errorf("the next run did %q", did)
		}
		if got := f.content(); got != uploaded {
			t.Errorf("the sandbox has\n%s", got)
		}
	})
}

// TestFilesThatChangeMeanwhile: a file that differs from the plan is not uploaded.
func TestFilesThatChangeMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFiled(t)
		defer f.close()
		p := f.plan(f.fleet(""), plan.Options{})
		f.write("app.toml", "something else", 0o600)
		r := f.run(p)
		if r.Count(apply.Failed) != 1 || !strings.Contains(outcome(r), "changed while it was read") {
			t.Error(outcome(r))
		}
		if p := f.plan(f.fleet(""), plan.Options{}); verbsOf(p) != "upload" {
			t.Errorf("the next plan has %q", verbsOf(p))
		}
	})
}

// TestFilesThatAreNotManaged: without the key nothing is compared or sent, and an upgrade
// of a fleet without it writes nothing.
func TestFilesThatAreNotManaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFiled(t)
		defer f.close()
		f.apply(f.fleet(""))
		f.log()
		bare := parse(t, "version: 1\nname: demo\nsandboxes: {web: {snapshot: daytona-small}}")
		if did := f.apply(bare); did != "" {
			t.Errorf("without the key it did %q", did)
		}
		if _, writing := f.log(); len(writing) > 0 {
			t.Errorf("it wrote %v", writing)
		}
		if did := f.apply(f.fleet(", ignore: [files]")); did != "" {
			t.Errorf("with ignore it did %q", did)
		}
	})
}

// TestFilesOfReplacements: a new sandbox gets the files, whether it takes the place of the
// old one before or after that is deleted.
func TestFilesOfReplacements(t *testing.T) {
	for _, rollout := range []string{"", ", rollout: {surge: true}"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFiled(t)
			defer f.close()
			f.apply(f.fleet(""))
			did := f.apply(f.fleet(", os_user: root" + rollout))
			if !strings.Contains(did, "create upload") {
				t.Errorf("it did %q", did)
			}
			if p := f.plan(f.fleet(", os_user: root"+rollout), plan.Options{}); !p.Empty() {
				t.Errorf("afterwards the plan has %s", story(p))
			}
		})
	}
}

// TestFilesOfRollbacks: a sandbox that a failed rollout replaced has its files again after
// the rollback, and the labels state so only then.
func TestFilesOfRollbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFiled(t)
		defer f.close()
		group := func(user string) *spec.Fleet {
			return parseWithFiles(t, fmt.Sprintf("version: 1\nname: demo\nsandboxes: {web: {count: 1, snapshot: daytona-small, files: {/etc/app.toml: %s/app.toml}, os_user: %s, ready: {exec: check, retries: 0, interval: 1s}, rollout: {on_failure: rollback}}}", f.dir, user))
		}
		f.apply(group("dev"))
		f.send("POST", "/_emulator/toolbox", map[string]any{"command": "*check*", "exitCode": 1, "count": 1})
		if r := f.run(f.plan(group("root"), plan.Options{AllowDestroy: 10})); r.Count(apply.RolledBack) != 1 {
			t.Fatalf("it was not rolled back: %s", outcome(r))
		}
		if p := f.plan(group("dev"), plan.Options{}); !p.Empty() {
			t.Errorf("after the rollback the plan has %s", story(p))
		}
		id := f.sandboxes()["web-0"].ID
		if _, size, err := f.api.FileDigest(t.Context(), id, "/etc/app.toml", 100); size != 8 || err != nil {
			t.Errorf("after the rollback the file has %d bytes: %v", size, err)
		}
	})
}

// TestFileDrift: files that others changed or removed are listed by their paths, and only
// those of sandboxes whose labels state that they have the files.
func TestFileDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFiled(t)
		defer f.close()
		drift := func(fleet *spec.Fleet) string {
			p := f.plan(fleet, plan.Options{})
			if err := observe.AddFileDrift(t.Context(), f.api, p); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(p.Steps[0].Drift, p.Steps[0].Cause, p.Steps[0].Changes)
		}
		f.apply(f.fleet(""))
		if got := drift(f.fleet("")); got != "[]" {
			t.Errorf("at once it drifts: %s", got)
		}
		id := f.sandboxes()["web"].ID
		for path, content := range map[string]string{"/etc/app.toml": "binary\x00\xfe", "/opt/conf/run.sh": strings.Repeat("x", 1<<20)} {
			if err := f.api.UploadFiles(t.Context(), id, func(put func(string, io.Reader) error) error { return put(path, strings.NewReader(content)) }); err != nil {
				t.Fatal(err)
			}
		}
		got := drift(f.fleet(""))
		for _, want := range []string{"in place", "changed by someone", "/etc/app.toml differs", "/opt/conf/run.sh differs"} {
			if !strings.Contains(got, want) || strings.Contains(got, "deep/x") || strings.Contains(got, "binary") {
				t.Errorf("it reports %s, want %s", got, want)
			}
		}
		f.write("conf/deep/x", "y", 0o600)
		if got := drift(f.fleet("")); strings.Contains(got, "differs") {
			t.Errorf("of files that are to be uploaded it reports %s", got)
		}
	})
}
