package emulator

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// crashFile is the environment variable that turns the test binary into the server
// which TestNothingAcknowledgedIsLost kills.
const crashFile = "EMULATOR_CRASH_FILE"

// TestCrashServer serves a state file until it is killed, or its standard input
// ends with the process that started it.
func TestCrashServer(t *testing.T) {
	file := os.Getenv(crashFile)
	if file == "" {
		t.Skip("only as a child of TestNothingAcknowledgedIsLost")
	}
	srv, err := New(Options{StateFile: file})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("listening %s\n", listener.Addr())
	go func() { _ = http.Serve(listener, srv) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// crashing is a child that serves a state file.
type crashing struct {
	cmd *exec.Cmd
	url string
}

func startCrashing(t *testing.T, file string) *crashing {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashServer$", "-test.v")
	cmd.Env = append(os.Environ(), crashFile+"="+file)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var text strings.Builder
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			return &crashing{cmd, "http://" + address + "/api"}
		}
		text.WriteString(lines.Text() + "\n")
	}
	t.Fatalf("the server did not start: %v\n%s", cmd.Wait(), text.String())
	return nil
}

func (c *crashing) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func (c *crashing) send(method, path, body string) (map[string]any, error) {
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer k")
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var v map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %d %v", method, path, resp.StatusCode, v["message"])
	}
	return v, nil
}

// names returns the names of all sandboxes.
func (c *crashing) names(t *testing.T) map[string]bool {
	found := map[string]bool{}
	for query := "?limit=200"; ; {
		page, err := c.send("GET", "/sandbox"+query, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page["items"].([]any) {
			found[item.(map[string]any)["name"].(string)] = true
		}
		next, more := page["nextCursor"].(string)
		if !more {
			return found
		}
		query = "?limit=200&cursor=" + next
	}
}

// TestNothingAcknowledgedIsLost repeatedly kills the server while several clients
// create sandboxes.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("short tests start no processes")
	}
	const rounds, clients, most = 20, 4, 40
	file := filepath.Join(t.TempDir(), "state")
	acknowledged := map[string]bool{}
	for round := range rounds {
		c := startCrashing(t, file)
		have := c.names(t)
		for name := range acknowledged {
			if !have[name] {
				t.Errorf("round %d: %s is lost", round, name)
			}
		}
		for _, name := range c.createUntilKilled(round, clients, 1+rand.IntN(most)) {
			acknowledged[name] = true
		}
		http.DefaultClient.CloseIdleConnections()
	}
	t.Logf("%d sandboxes were acknowledged over %d kills", len(acknowledged), rounds)
}

// createUntilKilled creates sandboxes and kills the server after some of them,
// in the middle of others. It returns the names of those that were acknowledged.
func (c *crashing) createUntilKilled(round, clients, after int) []string {
	defer c.kill() // if the server ended before
	created := make(chan string)
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("box-%d-%d-%d", round, client, i)
				if _, err := c.send("POST", "/sandbox", `{"name":"`+name+`"}`); err != nil {
					return
				}
				created <- name
			}
		})
	}
	go func() {
		all.Wait()
		close(created)
	}()
	var names []string
	for name := range created {
		names = append(names, name)
		if len(names) == after {
			c.kill()
		}
	}
	return names
}
