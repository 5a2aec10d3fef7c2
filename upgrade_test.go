//go:build !race

package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fleet/internal/emulator"
)

// TestUpgradeChangesNothing applies fleets with the first build that users had. This
// build then plans no changes and sends no writing request. The test fails if a change
// of a fingerprint, a default or a label would replace sandboxes on upgrade.
func TestUpgradeChangesNothing(t *testing.T) {
	landed := landedBuild(t)
	all := slices.Concat(examples(t), scripts(t))
	random := func(version string) []history { return randoms(t, landed, version) }
	seedRandoms(t)
	for _, c := range []struct {
		name      string
		upgrade   upgrade
		histories []history
		least     int // number of specs that the landed build must be able to apply
	}{
		{"examples and scripts", upgrade{version: emulator.Version205}, all, 400},
		{"first specs on an older server", upgrade{version: emulator.Version190, inPlace: true}, firsts(all), 200},
		{"examples on a newer server", upgrade{version: emulator.Version220, inPlace: true, thorough: true}, examples(t), 6},
		{"random fleets", upgrade{version: emulator.Version205, inPlace: true, thorough: true}, random(emulator.Version205), *upgrades},
		{"random fleets on an older server", upgrade{version: emulator.Version190, thorough: true}, random(emulator.Version190), *upgrades},
		{"random fleets on a newer server", upgrade{version: emulator.Version220, thorough: true}, random(emulator.Version220), *upgrades},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.upgrade.landed = landed
			n := c.upgrade.upgraded(t, c.histories)
			t.Logf("%d specs", n)
			if n < c.least {
				t.Errorf("build %.7s applied only %d specs; want at least %d", landedCommit, n, c.least)
			}
		})
	}
}

// upgrade is an organisation and a directory in which the landed build and this one
// run alternately.
type upgrade struct {
	t        *testing.T
	landed   string // path of the landed build
	version  string // API version of the server
	inPlace  bool   // both builds use the same state directory
	thorough bool   // run apply and drift, too, not only plan
	history  history

	server *emulator.Server
	url    string
	dir    string
	agreed int // number of specs that the landed build applied
}

// begin starts with an empty organisation and the files of the history.
func (u *upgrade) begin() {
	u.t.Helper()
	server, err := emulator.New(emulator.Options{Key: testKey, Control: true, APIVersion: u.version})
	if err != nil {
		u.t.Fatal(err)
	}
	web := httptest.NewServer(server)
	u.t.Cleanup(func() {
		web.Close()
		_ = server.Close()
	})
	u.server, u.url, u.dir = server, web.URL, u.t.TempDir()
	for name, text := range u.history.files {
		file := filepath.Join(u.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o600)); err != nil {
			u.t.Fatal(err)
		}
	}
	if u.version != emulator.Version190 {
		for _, name := range []string{"token", "api-token"} {
			u.request(http.MethodPost, "/api/secret", `{"name":"`+name+`","value":"xyz"}`)
		}
	}
}

// goThrough applies the specs of the history in turn. A spec that cannot be
// applied over the one before is applied to an empty organisation.
func (u *upgrade) goThrough() {
	u.begin()
	for i, args := range u.history.specs {
		code, out := u.apply(args)
		if code != 0 && code != exitSpec && i > 0 {
			u.begin()
			code, out = u.apply(args)
		}
		switch code {
		case 0:
			u.agree(args)
		case exitSpec:
		default:
			u.t.Logf("build %.7s does not apply %v: exit code %d\n%s", landedCommit, args, code, out)
			u.begin()
		}
	}
}

// exitSpec is the exit code for an invalid spec.
const exitSpec = 3

func (u *upgrade) apply(args []string) (int, string) {
	u.t.Helper()
	return u.run(u.landed, append([]string{"apply", "--yes", "--allow-destroy", "1000"}, args...)...)
}

// agree checks that this build plans no changes for a spec that the landed build
// applied.
func (u *upgrade) agree(args []string) {
	u.t.Helper()
	u.agreed++
	commands := [][]string{{"plan", "--detailed-exitcode"}}
	if u.thorough {
		commands = append(commands, []string{"drift", "--strict"}, []string{"apply", "--yes"})
	}
	for _, command := range commands {
		command = append(command, args...)
		u.request(http.MethodDelete, "/_emulator/log", "")
		code, out := u.run("fleet", command...)
		if writes := u.writes(); len(writes) > 0 {
			u.t.Errorf("%v sends %d writing requests:\n%s\n%s", command, len(writes), strings.Join(writes, "\n"), out)
		}
		want := 0
		if code != 0 && command[0] == "drift" {
			want, _ = u.run(u.landed, command...) // what on_missing leaves out is a difference to both builds
		}
		if code != want {
			u.t.Errorf("%v: exit code %d, want %d:\n%s", command, code, want, out)
		}
		if u.t.Failed() {
			u.t.Logf("%s:\n%s", args[1], u.history.files[args[1]])
			return
		}
	}
}

// run runs a build and returns its exit code and output.
func (u *upgrade) run(build string, args ...string) (int, string) {
	u.t.Helper()
	state := filepath.Join(u.dir, ".state")
	if !u.inPlace {
		state += "-of-" + filepath.Base(build)
	}
	cmd := exec.CommandContext(u.t.Context(), build, args...)
	cmd.Dir = u.dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + u.dir, "XDG_STATE_HOME=" + state,
		"DAYTONA_API_URL=" + u.url + "/api", "DAYTONA_API_KEY=" + testKey, "GORACE=atexit_sleep_ms=0",
	}, u.history.env...)
	out, err := cmd.CombinedOutput()
	if x, ok := errors.AsType[*exec.ExitError](err); ok {
		return x.ExitCode(), string(out)
	} else if err != nil {
		u.t.Fatal(err)
	}
	return 0, string(out)
}

// writes returns the writing requests in the log of the server.
func (u *upgrade) writes() []string {
	u.t.Helper()
	var entries []struct{ Method, Path, Body string }
	if err := json.Unmarshal(u.request(http.MethodGet, "/_emulator/log", ""), &entries); err != nil {
		u.t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if e.Method != http.MethodGet {
			list = append(list, strings.TrimSpace(e.Method+" "+e.Path+" "+e.Body))
		}
	}
	return list
}

// request sends a request to the server and returns the response.
func (u *upgrade) request(method, path, body string) []byte {
	u.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+testKey)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	u.server.ServeHTTP(rec, req)
	if rec.Code >= 300 {
		u.t.Fatalf("%s %s: status %d: %s", method, path, rec.Code, rec.Body)
	}
	return rec.Body.Bytes()
}
