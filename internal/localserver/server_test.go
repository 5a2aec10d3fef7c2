//go:build unix

package localserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fleet/internal/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A user is a command with a server.
type user struct {
	*Server
	t *testing.T
}

// start starts a server of a state file.
func start(t *testing.T, file, owner string) *user {
	t.Helper()
	s, err := Start(t.Context(), Options{Emulator: emulator.Options{Key: "k", StateFile: file}, Owner: owner})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &user{s, t}
}

// die ends the server as the end of its process does, except that the system would close
// the connections, too.
func (u *user) die() {
	u.http.Close()
	if own := u.backend().own; own != nil {
		_ = own.Close()
	}
}

// send sends a request, and returns the status and the body.
func (u *user) send(method, path, body string) (int, string, error) {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), method, "http://"+u.Host()+"/api"+path, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer k")
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// create creates a volume.
func (u *user) create(name string) {
	u.t.Helper()
	if status, text, err := u.send("POST", "/volumes", fmt.Sprintf(`{"name": %q}`, name)); err != nil || status >= 300 {
		u.t.Fatalf("creating %s: %d %s %v", name, status, text, err)
	}
}

// has checks the volumes.
func (u *user) has(want ...string) {
	u.t.Helper()
	_, text, err := u.send("GET", "/volumes", "")
	var list []struct{ Name string }
	if err == nil {
		err = json.Unmarshal([]byte(text), &list)
	}
	var got []string
	for _, v := range list {
		got = append(got, v.Name)
	}
	slices.Sort(got)
	if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		u.t.Errorf("volumes: %v %v, want %v", got, err, want)
	}
}

func TestShared(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state", "local.json")
	first, second := start(t, file, "fleet watch (process 1)"), start(t, file, "fleet plan (process 2)")
	if first.Other() != "" || second.Other() != "fleet watch (process 1)" {
		t.Errorf("served by %q and %q", first.Other(), second.Other())
	}
	first.create("a")
	second.create("b")
	first.has("a", "b")
	second.has("a", "b")
	info, err := os.Stat(file + ".server")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("address file: %v, %v", info, err)
	}
	second.Close()
	first.create("c")
	first.has("a", "b", "c")
	first.Close()
	if _, err := os.Stat(file + ".server"); !os.IsNotExist(err) {
		t.Errorf("the address file is left: %v", err)
	}
}

// TestTakeOver: when the process that has the state ends or dies, another one takes
// over. The others follow it, and no request is lost.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*user){"closed": func(u *user) { u.Close() }, "died": (*user).die} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "local.json")
			first := start(t, file, "first")
			users := []*user{start(t, file, "second"), start(t, file, "third"), start(t, file, "fourth")}
			first.create("a")
			end(first)
			var all sync.WaitGroup
			for i, u := range users {
				all.Go(func() { u.create(fmt.Sprintf("from-%d", i)) })
			}
			all.Wait()
			owners := 0
			for _, u := range users {
				if u.Other() == "" {
					owners++
				}
				if _, text, err := u.send("GET", "/volumes", ""); err != nil || strings.Count(text, `"name":"from-`) != 3 {
					t.Errorf("%s: %v", text, err)
				}
			}
			if owners != 1 {
				t.Errorf("%d processes have the state", owners)
			}
			for _, u := range users[:2] { // until the last one has it
				u.Close()
			}
			users[2].create("z")
			if users[2].Other() != "" {
				t.Errorf("the state is served by %s", users[2].Other())
			}
		})
	}
}

// TestDiesInRequest: a request that was under way is cut, since it may have been
// executed. The next one is served.
func TestDiesInRequest(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "local.json")
	got := make(chan struct{})
	first, err := Start(t.Context(), Options{Owner: "first", Emulator: emulator.Options{
		Key: "k", StateFile: file, Faults: []string{"hang POST /volumes count=1"},
		Now: func() time.Time {
			select {
			case got <- struct{}{}:
			default:
			}
			return time.Now()
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(first.Close)
	second := start(t, file, "second")
	sent := make(chan error)
	go func() {
		_, _, err := second.send("POST", "/volumes", `{"name": "a"}`)
		sent <- err
	}()
	<-got // it has arrived
	first.http.Close()
	if err := <-sent; err == nil {
		t.Error("a request was answered that may not have been executed")
	}
	(&user{first, t}).die()
	second.create("b")
	second.has("b")
}

// TestNotShared: a process that has the state and does not serve it is named.
func TestNotShared(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "local.json")
	for owner, want := range map[string]string{
		"fleet emulator (process 7)": "fleet emulator (process 7) uses its state file " + file + " and does not share it",
		"x\x1b[2J":                   `x\x1b[2J uses`,
		"":                           "another process uses",
	} {
		other, err := emulator.New(emulator.Options{StateFile: file, Owner: owner})
		if err != nil {
			t.Fatal(err)
		}
		var waited []string
		_, err = Start(t.Context(), Options{
			Emulator: emulator.Options{StateFile: file}, timeout: (noteAfter + 1) * attachPoll,
			OnWait: func(owner string) { waited = append(waited, owner) },
		})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", owner, err, want)
		}
		if len(waited) != 1 || waited[0] != strings.ReplaceAll(owner, "\x1b", `\x1b`) {
			t.Errorf("%q: waited for %q", owner, waited)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestWaits: a process that ends releases the state to one that waits for it.
func TestWaits(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "local.json")
	other, err := emulator.New(emulator.Options{StateFile: file})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Options{Emulator: emulator.Options{StateFile: file}, OnWait: func(string) { _ = other.Close() }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Other() != "" {
		t.Errorf("the state is served by %s", s.Other())
	}
}

// TestCancelled: the wait ends with the context.
func TestCancelled(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "local.json")
	other, err := emulator.New(emulator.Options{StateFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Start(ctx, Options{Emulator: emulator.Options{StateFile: file}, OnWait: func(string) { cancel() }}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestStaleAddress: another program may listen on the port of a process that has ended.
func TestStaleAddress(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "local.json")
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != identityPath {
			t.Errorf("another server got %s", r.URL)
		}
		w.Header().Set(identityHeader, "another")
	}))
	defer foreign.Close()
	other, err := emulator.New(emulator.Options{StateFile: file})
	if err != nil {
		t.Fatal(err)
	}
	stale := address{Host: strings.TrimPrefix(foreign.URL, "http://"), ID: newID()}
	if err := stale.write(file + ".server"); err != nil {
		t.Fatal(err)
	}
	o := Options{Emulator: emulator.Options{Key: "k", StateFile: file}, timeout: attachPoll}
	if _, err := Start(t.Context(), o); err == nil {
		t.Error("another server is used")
	}
	for _, text := range []string{"", "{", `{"host": "127.0.0.1:1"}`, strings.Repeat(" ", 2*maxAddress)} {
		if err := os.WriteFile(file+".server", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := readAddress(file + ".server"); ok {
			t.Errorf("%.20q is an address", text)
		}
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	u := start(t, file, "next")
	u.create("a")
	u.has("a")
}
