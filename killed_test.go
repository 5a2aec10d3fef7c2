package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fleet/internal/emulator"
)

// kills is the number of runs that TestKilled kills.
var kills = flag.Int("kills", 20, "how many runs are killed")

// site is an emulator on the network, and a home directory for runs of the real
// command against it.
type site struct {
	t      *testing.T
	server *emulator.Server
	url    string
	home   string

	mu    sync.Mutex
	seen  int         // number of requests of the current run
	at    int         // number of the request at which the run is killed; 0 means never
	after bool        // kill it after that request has taken effect
	run   *os.Process // the current run
	dead  bool        // the current run was killed
}

func newSite(t *testing.T) *site {
	t.Helper()
	const some = 30 * time.Millisecond
	server, err := emulator.New(emulator.Options{Key: testKey, Control: true, Delays: emulator.Delays{
		Create: some, Start: some, Stop: some, Resize: some, Delete: some, Build: some,
		SnapshotPull: some, SnapshotRemove: some, VolumeCreate: some, VolumeDelete: some,
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, server: server, home: t.TempDir()}
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		_ = server.Close()
		web.Close()
	})
	s.url = web.URL
	return s
}

// ServeHTTP kills the run at the chosen request, before or after it has taken effect.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.seen++
	struck := s.seen == s.at
	s.mu.Unlock()
	if !struck {
		s.server.ServeHTTP(w, r)
		return
	}
	if s.after {
		s.server.ServeHTTP(httptest.NewRecorder(), r)
	}
	s.mu.Lock()
	s.dead = s.run.Kill() == nil
	s.mu.Unlock()
	panic(http.ErrAbortHandler) // it gets no response
}

// command returns a run of fleet.
func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command("fleet", args...)
	cmd.Dir = s.home
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "XDG_STATE_HOME=" + filepath.Join(s.home, ".state"),
		"DAYTONA_API_URL=" + s.url + "/api", "DAYTONA_API_KEY=" + testKey, "GORACE=atexit_sleep_ms=0",
	}
	return cmd
}

// fleet runs a command to its end, and returns its exit code and output.
func (s *site) fleet(args ...string) (int, string) {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if x, ok := errors.AsType[*exec.ExitError](err); ok {
		return x.ExitCode(), string(out)
	} else if err != nil {
		s.t.Fatal(err)
	}
	return 0, string(out)
}

// killed runs a command and kills it at a request. It returns the number of requests,
// and false if the command ended before.
func (s *site) killed(at int, after bool, args ...string) (int, bool) {
	s.t.Helper()
	cmd := s.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	s.mu.Lock()
	s.seen, s.at, s.after, s.dead = 0, at, after, false
	if err := cmd.Start(); err != nil {
		s.mu.Unlock()
		s.t.Fatal(err)
	}
	s.run = cmd.Process
	s.mu.Unlock()
	err := cmd.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at = 0; err != nil && !s.dead {
		s.t.Fatalf("%v failed: %v\n%s", args, err, out.String())
	}
	return s.seen, s.dead
}

// get sends a reading request to the emulator as another user, and decodes the
// response.
func (s *site) get(path string, into any) {
	s.t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Authorization", "Bearer "+testKey)
	rec := httptest.NewRecorder()
	s.server.ServeHTTP(rec, req)
	if err := json.Unmarshal(rec.Body.Bytes(), into); err != nil {
		s.t.Fatalf("%s: %v: %s", path, err, rec.Body)
	}
}

// there returns the names of all objects that are not being deleted, with the keys of
// sandboxes.
func (s *site) there() []string {
	s.t.Helper()
	var sandboxes, snapshots struct {
		Items []struct {
			Name, State, DesiredState string
			General                   bool
			Labels                    map[string]string
		}
	}
	var volumes []struct{ Name, State string }
	s.get("/api/sandbox/paginated?limit=200", &sandboxes)
	s.get("/api/snapshots?limit=200", &snapshots)
	s.get("/api/volumes", &volumes)
	var list []string
	for _, x := range sandboxes.Items {
		if x.DesiredState != "destroyed" {
			list = append(list, fmt.Sprintf("%s is sandbox.%s", x.Name, x.Labels["fleet-key"]))
		}
	}
	for _, x := range snapshots.Items {
		if !x.General && x.State != "removing" {
			list = append(list, x.Name)
		}
	}
	for _, x := range volumes {
		if !strings.Contains(x.State, "delet") {
			list = append(list, x.Name)
		}
	}
	slices.Sort(list)
	return list
}

// toolsVersions are the names of the snapshot tools by the version of the spec.
var toolsVersions = map[int]string{1: "tools-b576eec79d06", 2: "tools-97c92e547b0b", 3: "tools-f3f3477f3b65"}

// version returns the spec of a fleet of 43, and the objects that exist after it was
// applied.
func version(n int) (text string, there []string) {
	text = fmt.Sprintf(`
version: 1
name: killed
owns: {snapshots: ["base-*"], volumes: ["cache-*"]}
volumes: {cache: {name: cache-%[1]d}}
images: {tools: {base: "debian:%[1]d", steps: [{run_commands: [make]}]}}
snapshots:
  base: {name: base-%[1]d, image: "debian:%[1]d"}
  tools: {image: tools, versioning: content}
sandboxes:
  worker:
    count: 12
    snapshot: base
    env_vars: {V: "%[1]d"}
    volumes: [{volume: cache, mount_path: /data}]
    ready: {exec: check, interval: 10ms}
    hooks: {after_create: {exec: warm}, before_destroy: 'echo $FLEET_ADDRESS'}
    rollout: {canary: 1, waves: [50%%, 100%%], max_unavailable: 40%%}
  roll: {count: 6, snapshot: daytona-small, env_vars: {V: "%[1]d"}, rollout: {waves: [50%%, 100%%], on_failure: rollback}}
  size: {count: 6, image: "debian:12", resources: {cpu: %[1]d, disk: %[2]d}, labels: {version: "%[1]d"}}
  live: {count: 8, snapshot: daytona-small, auto_stop_interval: 3%[1]d, labels: {version: "%[1]d"}}
  lazy: {count: 4, snapshot: daytona-small, state: %[3]s}
  task: {count: 3, snapshot: tools}
  of%[1]d: {count: 4, snapshot: daytona-small}
`, n, n+2, []string{"started", "stopped"}[n%2])
	there = []string{fmt.Sprintf("base-%d", n), fmt.Sprintf("cache-%d", n), toolsVersions[n]}
	for group, count := range map[string]int{"worker": 12, "roll": 6, "size": 6, "live": 8, "lazy": 4, "task": 3, fmt.Sprintf("of%d", n): 4} {
		for i := range count {
			there = append(there, fmt.Sprintf("%[1]s-%[2]d is sandbox.%[1]s[%[2]d]", group, i))
		}
	}
	slices.Sort(there)
	return text, there
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.home, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// converges runs a command without interruption, at most twice, until it succeeds and
// the plan is empty. It checks that exactly the expected objects exist.
func (s *site) converges(want []string, plan []string, args ...string) (runs int, told string) {
	s.t.Helper()
	for runs = 1; ; runs++ {
		code, out := s.fleet(args...)
		told += out
		if code == 0 {
			break
		}
		if runs == 2 {
			s.t.Fatalf("%v failed twice:\n%s", args, told)
		}
	}
	if code, out := s.fleet(plan...); code != 0 {
		s.t.Fatalf("after %v there is still to do:\n%s\nthe runs before:\n%s", args, out, told)
	}
	if is := s.there(); !slices.Equal(is, want) {
		s.t.Fatalf("after %v there is\n%s\nand there should be\n%s\nthe runs before:\n%s", args, strings.Join(is, "\n"), strings.Join(want, "\n"), told)
	}
	return runs, told
}

// TestKilled kills runs at a request, before or after it took effect. The next run
// continues from there, and nothing is lost, created twice or left over.
func TestKilled(t *testing.T) {
	s := newSite(t)
	dice := rand.New(rand.NewPCG(1, 1))
	usual := map[int]int{} // number of requests of a complete run, by version
	count := map[string]int{}
	for i := 0; count["killed"] < *kills && !t.Failed(); i++ {
		n := i%4 + 1
		apply := []string{"apply", "--yes", "--allow-destroy", "100", "--progress", "quiet"}
		plan, want := []string{"plan", "--detailed-exitcode"}, []string(nil)
		if n < 4 {
			var text string
			text, want = version(n)
			s.write("fleet.yaml", text)
		} else {
			text, _ := version(3)
			s.write("fleet.yaml", text)
			apply = []string{"destroy", "--yes", "--volumes", "--progress", "quiet"}
			plan = []string{"status"}
		}
		at, after := 1+dice.IntN(max(usual[n], 40)), dice.IntN(2) == 0
		seen, killed := s.killed(at, after, apply...)
		if killed {
			count["killed"]++
		} else {
			count["ended before"]++
			usual[n] = seen - 1
		}
		runs, _ := s.converges(want, plan, apply...)
		s.mu.Lock()
		usual[n] = max(usual[n], s.seen-1)
		s.mu.Unlock()
		count[fmt.Sprintf("converged in %d", runs)]++
	}
	t.Logf("%v; up to %v requests", count, slices.Sorted(maps.Values(usual)))
}

// TestTwoAtOnce applies a fleet in two processes at once, with the same version and
// with two. Nothing is created twice or left over, and one more run completes its
// version.
func TestTwoAtOnce(t *testing.T) {
	for _, c := range []struct{ before, a, b int }{{0, 1, 1}, {0, 1, 2}, {1, 2, 2}, {1, 2, 3}} {
		t.Run(fmt.Sprintf("%d over %d and %d", c.before, c.a, c.b), func(t *testing.T) {
			s := newSite(t)
			apply := func(n int) []string {
				text, _ := version(n)
				name := fmt.Sprintf("v%d.yaml", n)
				s.write(name, text)
				return []string{"apply", "--yes", "--allow-destroy", "100", "--progress", "quiet", "-f", name}
			}
			if c.before > 0 {
				if code, out := s.fleet(apply(c.before)...); code != 0 {
					t.Fatal(out)
				}
			}
			var both sync.WaitGroup
			var told [2]string
			for i, n := range []int{c.a, c.b} {
				args := apply(n)
				both.Go(func() { _, told[i] = s.fleet(args...) })
			}
			both.Wait()
			_, want := version(c.a)
			args := apply(c.a)
			runs, _ := s.converges(want, []string{"plan", "--detailed-exitcode", "-f", args[len(args)-1]}, args...)
			if runs > 1 {
				t.Errorf("it took two more runs, after\n%s\nand\n%s", told[0], told[1])
			}
		})
	}
}
