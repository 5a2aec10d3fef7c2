package emulator

import (
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/emulator/fault"
	"fleet/internal/emulator/world"
)

func TestFaultFlags(t *testing.T) {
	for text, c := range map[string]struct {
		method, path string
		status       int
		message      string
	}{
		"503 POST /sandbox":                         {"POST", "/sandbox", 503, "Service Unavailable"},
		"429 retry-after=7 message=slow down, you":  {"GET", "/sandbox", 429, "slow down, you"},
		"502 GET /volumes count=1 rate=1 seed=3":    {"GET", "/volumes", 502, ""},
		"runner-fail message=disk full":             {"POST", "/sandbox", 400, "Sandbox failed to start: disk full"},
		"quota cpu=1 max-disk=9 memory=3":           {"POST", "/sandbox", 400, "Total CPU limit exceeded. Maximum allowed: 1."},
		"rate-limit sandbox-create=1/2s":            {"POST", "/sandbox", 429, "ThrottlerException"},
		"suspended unpaid":                          {"POST", "/volumes", 403, "Organization is suspended: unpaid"},
		"suspended":                                 {"POST", "/volumes", 403, "Organization is suspended"},
		"maintenance":                               {"GET", "/config", 503, "Service is currently under maintenance. Please try again later."},
		"no-runners":                                {"POST", "/sandbox", 400, "No available runners"},
		"resize-disabled":                           {"POST", "/sandbox/x/resize", 404, "Cannot POST"},
		"  500   /snapshots*  count=5 message= odd": {"DELETE", "/snapshots", 500, "odd"},
	} {
		t.Run(text, func(t *testing.T) {
			g := newRig(t, Options{Faults: []string{text}})
			if !strings.HasPrefix(text, "runner") && c.method == "POST" && c.path == "/sandbox" {
				g.api("POST", "/sandbox", nil)
			}
			g.expect(c.method, c.path, obj("name", "n"), c.status, c.message)
		})
	}
}

func TestListLagFlag(t *testing.T) {
	g := newRig(t, Options{Faults: []string{"list-lag 2s"}})
	g.sandbox(nil)
	if n := len(g.must("GET", "/sandbox", nil).field("items").([]any)); n != 0 {
		t.Errorf("%d items at once", n)
	}
}

// TestSnapshotSpread checks that a built snapshot is active before it can be used,
// and that a pulled one can be used at once.
func TestSnapshotSpread(t *testing.T) {
	g := newRig(t, Options{Faults: []string{"snapshot-spread 6s"}})
	g.must("POST", "/snapshots", obj("name", "built", "buildInfo", obj("dockerfileContent", "FROM debian:12\n")))
	g.must("POST", "/snapshots", obj("name", "pulled", "imageName", "debian:12"))
	g.must("GET", "/snapshots/built", nil)
	g.must("POST", "/sandbox", obj("name", "a", "snapshot", "pulled"))
	g.expect("POST", "/sandbox", obj("name", "b", "snapshot", "built"), 400, "No available runners")
	g.control("POST", "clock", obj("advance", "6s"))
	g.must("POST", "/sandbox", obj("name", "b", "snapshot", "built"))
}

func TestUnknownFaults(t *testing.T) {
	for _, text := range []string{
		"", "nonsense", "200 GET /", "status GET /", "503 POST /a /b", "503 rate=2", "503 rate=x", "503 count=0", "503 seed=-1", "503 color=red",
		"503 retry-after=soon", "503 POST GET", "list-lag", "list-lag -2s", "snapshot-spread", "snapshot-spread 0s", "build-race", "build-race 0s", "build-race soon", "quota", "quota cpu", "quota cpu=0", "quota gpu=1",
		"rate-limit", "rate-limit x=1/1s", "rate-limit sandbox-create=1", "rate-limit sandbox-create=1/10ms", "maintenance now", "runner-fail recoverable=perhaps", "reset-upload /s3 bytes=-1",
	} {
		_, err := fault.Parse(text)
		if err == nil || !strings.Contains(err.Error(), "known are:") {
			t.Errorf("%q: %v", text, err)
		}
	}
	file := filepath.Join(t.TempDir(), "state")
	if _, err := New(Options{StateFile: file, Faults: []string{"nonsense"}}); err == nil || !strings.Contains(err.Error(), `unknown kind "nonsense"`) {
		t.Errorf("New: %v", err)
	}
	newRig(t, Options{StateFile: file}) // New has released the file
}

// TestFaultsEndWithTheProcess checks that faults of the options are not stored in the
// state file, and that the control endpoint can lift them.
func TestFaultsEndWithTheProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	g := newRig(t, Options{StateFile: file})
	g.control("POST", "organization", obj("quota", obj("volumes", 1)))
	g.srv.Close()

	g = newRig(t, Options{StateFile: file, Faults: []string{"quota cpu=3", "suspended", "no-runners"}})
	g.expect("POST", "/volumes", obj("name", "a"), 403, "Organization is suspended")
	g.control("POST", "organization", obj("suspended", false))
	g.must("POST", "/volumes", obj("name", "a"))
	g.expect("POST", "/volumes", obj("name", "b"), 400, "Volume quota exceeded")
	g.expect("POST", "/sandbox", obj("buildInfo", obj(), "cpu", 4), 400, "Total CPU limit exceeded")
	id := g.sandbox(obj("buildInfo", obj()))
	g.control("POST", "clock", obj("advance", "1h"))
	if s := g.must("GET", "/sandbox/"+id, nil).text("state"); s != world.StatePendingBuild {
		t.Errorf("without runners: %s", s)
	}
	g.srv.Close()

	g = newRig(t, Options{StateFile: file})
	g.expect("POST", "/volumes", obj("name", "b"), 400, "Volume quota exceeded")
	g.must("POST", "/sandbox", obj("buildInfo", obj(), "cpu", 4))
	if s := g.must("GET", "/sandbox/"+id, nil).text("state"); s != world.StateStarted {
		t.Errorf("with runners again: %s", s)
	}
}
