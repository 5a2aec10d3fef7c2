package cli

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"fleet/internal/exit"
	"fleet/internal/journal"
	"fleet/internal/statedir"
	watchserve "fleet/internal/watch/serve"
)

// A remoteWatch is a watch that only records what it is asked for.
type remoteWatch struct {
	t       *testing.T
	state   string // directory
	dir     string // with fleet.yaml
	journal *journal.Journal

	mu    sync.Mutex
	asked []string
	err   error
}

func (w *remoteWatch) record(parts ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, strings.Join(parts, " "))
	return w.err
}

func (w *remoteWatch) Reconcile(by string)             { _ = w.record("reconcile", by) }
func (w *remoteWatch) Approve(digest, by string) error { return w.record("approve", digest, by) }
func (w *remoteWatch) Pause(address, by string) error  { return w.record("pause", address, by) }
func (w *remoteWatch) Resume(address, by string) error { return w.record("resume", address, by) }

// take returns what was asked since the last call.
func (w *remoteWatch) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := strings.Join(w.asked, ", ")
	w.asked = nil
	return asked
}

const controlDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// newRemoteWatch makes a directory of state that has a path short enough for sockets,
// and a spec.
func newRemoteWatch(t *testing.T) *remoteWatch {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no socket on this system")
	}
	state, err := os.MkdirTemp("", "fleet")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(state) })
	w := &remoteWatch{t: t, state: state, dir: t.TempDir(), journal: journal.New(time.Now, journal.Head{Fleet: "demo"})}
	w.spec("version: 1\nname: demo\n")
	return w
}

func (w *remoteWatch) spec(text string) {
	if err := os.WriteFile(filepath.Join(w.dir, "fleet.yaml"), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// waits records a plan that waits for approval.
func (w *remoteWatch) waits() {
	w.journal.Begin("start", "")
	w.journal.Planned(&journal.Plan{Digest: controlDigest, Text: "- sandbox.web\n", NeedsApproval: "it deletes 1 object"}, func(*journal.Pass) {})
}

// serves listens as the watch of a fleet on the embedded Daytona, until the test ends.
func (w *remoteWatch) serves(fleet string, o watchserve.Options) *watchserve.Server {
	w.t.Helper()
	var err error
	if o.Socket, err = statedir.Dir(filepath.Join(w.state, "fleet")).WatchSocket("local", fleet); err != nil {
		w.t.Fatal(err)
	}
	o.Journal, o.Controls = w.journal, w
	s, err := watchserve.Listen(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() { _ = s.Run(ctx); close(done) }()
	w.t.Cleanup(func() { cancel(); <-done })
	return s
}

// run runs a command for the spec, which answers questions from in.
func (w *remoteWatch) run(in io.Reader, args ...string) (code int, out string) {
	var text bytes.Buffer
	if args[0] != "__complete" {
		args = append(args, "--local", "-f", filepath.Join(w.dir, "fleet.yaml"))
	}
	code = Main(Process{
		Args: args, In: in, Out: &text, Err: &text,
		Lookup: func(name string) (string, bool) {
			if name != "XDG_STATE_HOME" {
				return "", false
			}
			return w.state, true
		},
	})
	return code, text.String()
}

// expect runs a command without a terminal.
func (w *remoteWatch) expect(code int, asked, printed string, args ...string) {
	w.t.Helper()
	got, text := w.run(strings.NewReader("yes\n"), args...)
	if a := w.take(); got != code || a != asked || !strings.Contains(text, printed) {
		w.t.Errorf("fleet %q: exit code %d, asked %q, printed:\n%swant %d, %q, %q", args, got, a, text, code, asked, printed)
	}
}

// TestControlCommands runs the commands against the watch of the spec's fleet.
func TestControlCommands(t *testing.T) {
	w := newRemoteWatch(t)
	w.expect(exit.Failed, "", "no fleet watch runs for this fleet on this machine; start one with fleet watch", "reconcile")
	w.serves("demo", watchserve.Options{})
	w.expect(exit.OK, "reconcile command", "The watch reconciles.", "reconcile")
	w.expect(exit.OK, "pause sandbox.web command", "Paused sandbox.web.", "pause", "sandbox.web")
	w.expect(exit.OK, "pause  command", "Paused the whole fleet.", "pause")
	w.expect(exit.OK, "resume sandbox.web command", "Resumed sandbox.web.", "resume", "sandbox.web")
	w.expect(exit.OK, "resume  command", "Resumed the whole fleet.", "resume")
	w.expect(exit.OK, "approve "+controlDigest+" command", "Approved.", "approve", controlDigest)
	w.expect(exit.OK, "", "Nothing waits for approval in fleet demo.", "approve")
	w.waits()
	w.expect(exit.Refused, "", "fleet approve "+controlDigest, "approve")
	w.journal.Approved(controlDigest, "page")
	w.expect(exit.OK, "", "Nothing waits", "approve")

	w.expect(exit.Invalid, "", "is not the digest of a plan", "approve", "sha256:1")
	w.expect(exit.Invalid, "", "must not be empty", "pause", "")
	w.expect(exit.Invalid, "", "--token-file requires --url", "reconcile", "--token-file", "x")
	w.expect(exit.Invalid, "", "--url must not be empty", "reconcile", "--url", "")

	w.err = errors.New("no such thing \x1b[31m")
	w.expect(exit.Stale, "approve "+controlDigest+" command", `no such thing \x1b[31m`, "approve", controlDigest)
	w.expect(exit.Invalid, "pause sandbox.x command", "no such thing", "pause", "sandbox.x")
}

// TestControlWithBrokenSpec pauses a watch whose spec is broken at the moment, which is
// when a pause is needed most.
func TestControlWithBrokenSpec(t *testing.T) {
	w := newRemoteWatch(t)
	w.spec("version: 1\nname: [\n")
	w.expect(exit.Invalid, "", "0 watches run on this machine", "pause")
	w.serves("demo", watchserve.Options{})
	w.expect(exit.OK, "pause  command", "the watch of fleet demo is the only one", "pause")
	w.serves("other", watchserve.Options{})
	w.expect(exit.Invalid, "", "2 watches run on this machine", "pause")
	w.spec("version: 1\nname: other\n")
	w.expect(exit.OK, "pause  command", "Paused", "pause")
}

// TestRemoteControl runs the commands against a watch that demands a token.
func TestRemoteControl(t *testing.T) {
	w := newRemoteWatch(t)
	token := strings.Repeat("t0ken", 8)
	url := "http://" + w.serves("demo", watchserve.Options{Listen: "127.0.0.1:0", Token: token}).Addr().String()
	files := map[string]string{"right": token + "\n", "wrong": token + "x", "empty": "\n", "two": token + "\n" + token, "large": strings.Repeat("x", maxToken+1)}
	path := func(name string) string { return filepath.Join(w.dir, name) }
	for name, text := range files {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	with := func(file string) []string { return []string{"reconcile", "--url", url, "--token-file", path(file)} }
	w.expect(exit.OK, "reconcile command", "The watch reconciles.", with("right")...)
	w.expect(exit.Auth, "", "a token is required", with("wrong")...)
	w.expect(exit.Auth, "", "a token is required", "reconcile", "--url", url)
	w.expect(exit.Invalid, "", "must have one token", with("empty")...)
	w.expect(exit.Invalid, "", "must have one token", with("two")...)
	w.expect(exit.Invalid, "", "larger than the limit", with("large")...)
	w.expect(exit.Invalid, "", "no such file", with("missing")...)
	w.expect(exit.Invalid, "", "exposes the token", "reconcile", "--url", "http://192.0.2.7:7777", "--token-file", path("right"))
	for _, file := range []string{"right", "two", "wrong"} {
		if _, text := w.run(strings.NewReader(""), with(file)...); strings.Contains(text, token) {
			t.Errorf("the output has the token: %s", text)
		}
	}
}

// TestControlCompletion completes addresses and groups.
func TestControlCompletion(t *testing.T) {
	w := newRemoteWatch(t)
	w.spec("version: 1\nname: demo\nvolumes: {data: {}}\nsandboxes: {worker: {count: 2}}\n")
	want := "sandbox.worker\nsandbox.worker[0]\nsandbox.worker[1]\nvolume.data\n"
	for _, command := range []string{"pause", "resume"} {
		if _, text := w.run(strings.NewReader(""), "__complete", "--local", "-f", filepath.Join(w.dir, "fleet.yaml"), command, ""); !strings.HasPrefix(text, want) {
			t.Errorf("%s: %q, want %q", command, text, want)
		}
	}
}

// TestControlBehindProxy reaches a watch through a proxy with a certificate of its own.
func TestControlBehindProxy(t *testing.T) {
	w := newRemoteWatch(t)
	watch, err := watchserve.Handler(watchserve.Options{Journal: w.journal, Controls: w, Listen: "127.0.0.1:7777"})
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(watch)
	defer proxy.Close()
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	ca := filepath.Join(w.dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	w.expect(exit.Failed, "", "certificate", "reconcile", "--url", proxy.URL)
	w.expect(exit.OK, "reconcile command", "The watch reconciles.", "reconcile", "--url", proxy.URL, "--ca-file", ca)
	w.expect(exit.Invalid, "", "has no PEM certificate", "reconcile", "--url", proxy.URL, "--ca-file", filepath.Join(w.dir, "fleet.yaml"))
}

// TestApproveAsks answers the question at a terminal.
func TestApproveAsks(t *testing.T) {
	w := newRemoteWatch(t)
	w.waits()
	w.serves("demo", watchserve.Options{})
	for answer, want := range map[string]struct {
		code  int
		asked string
	}{
		"yes\n": {exit.OK, "approve " + controlDigest + " command"}, "no\n": {exit.Refused, ""}, "y\n": {exit.Refused, ""}, "\n": {exit.Refused, ""}, "\x04": {exit.Refused, ""},
	} {
		terminal, in, err := pty.Open()
		if err != nil {
			t.Skipf("no terminal: %v", err)
		}
		if _, err := terminal.WriteString(answer); err != nil {
			t.Fatal(err)
		}
		code, text := w.run(in, "approve")
		if asked := w.take(); code != want.code || asked != want.asked {
			t.Errorf("%q: exit code %d, asked %q, want %+v:\n%s", answer, code, asked, want, text)
		}
		for _, part := range []string{"- sandbox.web\n", "Approval is needed: it deletes 1 object", "Only yes is accepted"} {
			if !strings.Contains(text, part) {
				t.Errorf("%q: %q is not printed:\n%s", answer, part, text)
			}
		}
		terminal.Close()
		in.Close()
	}
}
