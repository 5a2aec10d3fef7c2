package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"fleet/internal/emulator"
)

// testKey is what the emulator of a script accepts.
const testKey = "dtn_test_0123456789abcdef"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fleet": main})
}

// TestScripts runs the scripts of testdata/script, each against an emulator of
// its own. Beside fleet they have these commands:
//
//	api METHOD PATH [BODY]       send a request as another user of the organisation would; BODY is JSON or a file
//	emulator METHOD PATH [BODY]  break things: see docs/emulator.md
//	sent [all]                   print the writing (or all) API requests since the last call, with names for ids
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		Setup:               setup,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"api":      cmdAPI,
			"emulator": cmdEmulator,
			"sent":     cmdSent,
		},
	})
}

// setup gives a script its emulator and an empty home.
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
	return nil
}

// request sends a request to the script's emulator and returns the answer.
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

// cmdSent prints what reached the server since the last call.
func cmdSent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: sent [all]")
	}
	out := ts.Stdout() // taken in any case: what was there before goes
	_, answer := request(ts, "/_emulator", []string{"GET", "/log"})
	var entries []struct {
		Method, Path, Body string
		Status             int
	}
	ts.Check(json.Unmarshal(answer, &entries))
	names := namesOf(ts)
	for _, e := range entries {
		if e.Method == "GET" && len(args) == 0 {
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

// namesOf maps the ids of all objects to their names.
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
