package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"fleet/internal/emulator"
)

// testKey is the API key that the emulator of a script accepts.
const testKey = "dtn_test_0123456789abcdef"

// TestScripts runs the scripts of testdata/script, each against its own emulator. They
// have these commands in addition to fleet:
//
//	api METHOD PATH [BODY]       send a request as another user of the organisation; BODY is JSON or a file
//	emulator METHOD PATH [BODY]  send a request to the control endpoint: see docs/emulator.md
//	sent [all]                   print the writing (or all) API requests since the last call, with names for ids
//	exits CODE ARG...            run fleet and check its exit code
//	begin NAME ARG...            run fleet in the background; it prints to NAME.out and NAME.err
//	await PATTERN FILE           wait until a file matches, or the response of a control path such as /log
//	conforms SCHEMA FILE         check JSON, such as stdout, against a schema that fleet schema prints
//	harmless FILE...             check that files contain nothing that acts on a terminal, and no hostile command to a CI job
//	documented DOCUMENT NAME     write a file that a document shows
//	runs CODE FILE PATH [N=V]... run the commands at a path of a CI file
//	registry start|push|asked|stop   serve images: see cmdRegistry
//	end NAME SIGNAL [CODE]       send INT, TERM or HUP to it and, with CODE, check its exit code
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Files:               scriptFiles(t),
		Setup:               setup,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"api":      cmdAPI,
			"emulator": cmdEmulator,
			"sent":     cmdSent,
			"exits":    cmdExits,
			"begin":    cmdBegin,
			"await":    cmdAwait,
			"end":      cmdEnd,
			"conforms": cmdConforms,

			"documented": cmdDocumented,
			"harmless":   cmdHarmless,
			"runs":       cmdRuns,
			"registry":   cmdRegistry,
		},
	})
}

// setup starts the emulator of a script, and gives it an empty home directory.
func setup(env *testscript.Env) error {
	server, err := emulator.New(emulator.Options{Key: testKey, Control: true})
	if err != nil {
		return err
	}
	web := httptest.NewServer(server)
	env.Defer(func() {
		web.Close()
		_ = server.Close()
	})
	examples, err := filepath.Abs("examples")
	if err != nil {
		return err
	}
	env.Setenv("EXAMPLES", examples)
	env.Setenv("SERVER", web.URL)
	env.Setenv("DAYTONA_API_URL", web.URL+"/api")
	env.Setenv("DAYTONA_API_KEY", testKey)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else each command of a race-tested run takes a second to end
	env.Values[registryOf{}] = &scriptRegistry{}
	env.Values[background{}] = map[string]*exec.Cmd{}
	return nil
}

// request sends a request to the script's emulator and returns the response.
func request(ts *testscript.TestScript, base string, args []string) (int, []byte) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: METHOD PATH [BODY]")
	}
	var body io.Reader
	if len(args) == 3 {
		text := args[2]
		if !strings.HasPrefix(strings.TrimSpace(text), "{") {
			text = ts.ReadFile(text)
		}
		body = strings.NewReader(text)
	}
	req, err := http.NewRequest(args[0], ts.Getenv("SERVER")+base+args[1], body)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+testKey)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp.StatusCode, answer
}

func cmdAPI(ts *testscript.TestScript, neg bool, args []string) {
	status, answer := request(ts, "/api", args)
	if failed := status >= 300; failed != neg {
		ts.Fatalf("api %s: status %d: %s", strings.Join(args, " "), status, answer)
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, answer, "", "  ") == nil {
		answer = pretty.Bytes()
	}
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
	clearLog(ts)
}

func cmdEmulator(ts *testscript.TestScript, neg bool, args []string) {
	status, answer := request(ts, "/_emulator", args)
	if failed := status >= 300; failed != neg {
		ts.Fatalf("emulator %s: status %d: %s", strings.Join(args, " "), status, answer)
	}
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
}

func clearLog(ts *testscript.TestScript) { request(ts, "/_emulator", []string{"DELETE", "/log"}) }

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// cmdSent prints the requests that reached the server since the last call.
func cmdSent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: sent [all]")
	}
	out := ts.Stdout() // called in any case, to discard earlier output
	_, answer := request(ts, "/_emulator", []string{"GET", "/log"})
	var entries []struct {
		Method, Path, Body string
		Status             int
	}
	ts.Check(json.Unmarshal(answer, &entries))
	names := namesOf(ts)
	for _, e := range entries {
		if e.Method == http.MethodGet && len(args) == 0 {
			continue
		}
		line := uuid.ReplaceAllStringFunc(strings.TrimSpace(e.Method+" "+e.Path+" "+e.Body), func(id string) string {
			if name := names[id]; name != "" {
				return "{" + name + "}"
			}
			return "{gone}"
		})
		if e.Status >= 300 {
			line += fmt.Sprintf(" => %d", e.Status)
		}
		fmt.Fprintln(out, line)
	}
	clearLog(ts)
}

// namesOf returns the names of all objects by id.
func namesOf(ts *testscript.TestScript) map[string]string {
	type object struct{ ID, Name string }
	names := map[string]string{}
	for _, path := range []string{"/sandbox/paginated?limit=200", "/snapshots?limit=200", "/volumes"} {
		_, answer := request(ts, "/api", []string{"GET", path})
		var page struct{ Items []object }
		if json.Unmarshal(answer, &page) != nil {
			_ = json.Unmarshal(answer, &page.Items)
		}
		for _, o := range page.Items {
			names[o.ID] = o.Name
		}
	}
	return names
}

// cmdExits runs fleet and checks its exit code.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	checkExit(ts, ts.Exec("fleet", args[1:]...), args[0])
}

func checkExit(ts *testscript.TestScript, err error, want string) {
	got := 0
	if x, ok := errors.AsType[*exec.ExitError](err); ok {
		got = x.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit code %d, want %s", got, want)
	}
}

// background is the context key of a script's running commands, by name.
type background struct{}

// cmdBegin runs fleet in the background.
func cmdBegin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: begin NAME ARG...")
	}
	cmd := exec.Command("fleet", args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "XDG_STATE_HOME", "DAYTONA_API_URL", "DAYTONA_API_KEY"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	for ext, into := range map[string]*io.Writer{".out": &cmd.Stdout, ".err": &cmd.Stderr} {
		f, err := os.Create(ts.MkAbs(args[0] + ext))
		ts.Check(err)
		defer f.Close()
		*into = f
	}
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill() // an error means that it has ended
		_ = cmd.Wait()
	})
	ts.Value(background{}).(map[string]*exec.Cmd)[args[0]] = cmd
}

// awaitDeadline is the timeout of await. How soon the text appears is not asserted.
const awaitDeadline = 30 * time.Second

// cmdAwait polls a file or the emulator's request log until it matches.
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await PATTERN FILE")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	read := func() string {
		if !strings.HasPrefix(args[1], "/") {
			return ts.ReadFile(args[1])
		}
		_, answer := request(ts, "/_emulator", []string{"GET", args[1]})
		return string(answer)
	}
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	timeout := time.After(awaitDeadline)
	for text := read(); !pattern.MatchString(text); text = read() {
		select {
		case <-poll.C:
		case <-timeout:
			ts.Fatalf("%s has no match for %s; it holds:\n%s", args[1], args[0], text)
		}
	}
}

// cmdEnd sends a signal, and waits for the end if an exit code is given.
func cmdEnd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: end NAME SIGNAL [CODE]")
	}
	cmd := ts.Value(background{}).(map[string]*exec.Cmd)[args[0]]
	signal := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}[args[1]]
	if cmd == nil || signal == 0 {
		ts.Fatalf("end: there is no command %s, or no signal %s", args[0], args[1])
	}
	ts.Check(cmd.Process.Signal(signal))
	if len(args) == 3 {
		checkExit(ts, cmd.Wait(), args[2])
	}
}
