//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// lasting is a running command.
type lasting struct {
	t   *testing.T
	cmd *exec.Cmd
	out bytes.Buffer // its output, to be read after its end
	end chan struct{}

	printed *os.File // its output on a terminal
}

// lasts starts a command whose output is stored. A command that does not end is killed
// at the end of the test, and fails it.
func (s *site) lasts(stdin *os.File, args ...string) *lasting {
	s.t.Helper()
	x := &lasting{t: s.t, cmd: s.command(args...), end: make(chan struct{})}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = stdin, &x.out, &x.out
	if err := x.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	x.watch()
	return x
}

// watch waits for the end of the command.
func (x *lasting) watch() {
	killer := time.AfterFunc(time.Minute, func() { _ = x.cmd.Process.Kill() })
	go func() {
		defer close(x.end)
		_ = x.cmd.Wait() // the exit code is checked later
		killer.Stop()
	}()
}

// ends waits for the end of the command and returns its exit code; -1 if it was
// killed.
func (x *lasting) ends() int {
	<-x.end
	return x.cmd.ProcessState.ExitCode()
}

// under reports whether the command is still running.
func (x *lasting) under() bool {
	select {
	case <-x.end:
		return false
	default:
		runtime.Gosched()
		return true
	}
}

// feed writes to a pipe until the command has read some of it, and returns the writing
// end. A text beyond the pipe's capacity waits for that.
func (x *lasting) feed(open func() (*os.File, error)) *os.File {
	x.t.Helper()
	fed := make(chan *os.File)
	go func() {
		defer close(fed)
		if w, err := open(); err == nil {
			_, _ = w.WriteString(strings.Repeat("# and so on\n", 8<<10))
			fed <- w
		}
	}()
	select {
	case w := <-fed:
		return w
	case <-x.end:
		x.t.Fatalf("%v ended before it had read: %s", x.cmd.Args[1:], x.out.String())
		return nil
	}
}

// endings are the signals that end a command, with their exit codes.
var endings = map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129}

// TestSignalsEndReading signals commands while they read endless input: standard input
// and pipes, in every place that accepts them.
func TestSignalsEndReading(t *testing.T) {
	s := newSite(t)
	s.write("fleet.yaml", "version: 1\nname: demo\nsandboxes: {web: {snapshot: daytona-small}}\n")
	pipe := filepath.Join(s.home, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"validate -f -", "plan -f -", "apply --yes -f -", "destroy --yes -f -", "drift -f -", "config -f -", "status -f -",
		"doctor -f -", "gc -f -", "adopt web -f -", "fmt -", "validate -f /dev/stdin", "apply /dev/stdin",
		"validate -f pipe", "plan -f fleet.yaml -f pipe", "watch -f pipe", "fmt --check pipe", "validate --var-file pipe", "plan --ca-file pipe",
		"apply pipe", "show pipe", "status --last pipe", "plan --only-failed pipe", "plan --target @pipe", "apply --exclude @pipe",
		"plan --replace @pipe", "gc --rules pipe",
		"apply --yes -f pipe --report report.json", "apply pipe --report report.json", "destroy --yes -f pipe --report report.json", "watch -f pipe --report report.json",
	} {
		for signal, code := range endings {
			t.Run(fmt.Sprintf("%s/%v", line, signal), func(t *testing.T) {
				s.t = t
				x, w := s.reads(pipe, strings.Fields(line))
				defer w.Close()
				if err := x.cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				if got := x.ends(); got != code || !strings.Contains(x.out.String(), "fleet: interrupted") {
					t.Errorf("exit code %d, want %d:\n%s", got, code, x.out.String())
				}
				if strings.Contains(line, "--report") {
					s.reported("interrupted")
				}
			})
		}
	}
	if s.t = t; len(s.there()) > 0 {
		t.Errorf("something was sent: %v", s.there())
	}
}

// reads starts a command that reads from standard input or the pipe, and returns it
// once it reads.
func (s *site) reads(pipe string, args []string) (*lasting, *os.File) {
	s.t.Helper()
	if strings.Contains(strings.Join(args, " "), "pipe") {
		x := s.lasts(nil, args...)
		return x, x.feed(func() (*os.File, error) { return os.OpenFile(pipe, os.O_WRONLY, 0) })
	}
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	x := s.lasts(r, args...)
	return x, x.feed(func() (*os.File, error) { return w, nil })
}

// asks starts a command at a terminal and returns it once it has asked. Its output
// goes through a pipe: a terminal loses unread output when its session ends.
func (s *site) asks(question string, args ...string) (*lasting, *os.File) {
	s.t.Helper()
	x := &lasting{t: s.t, cmd: s.command(args...), end: make(chan struct{})}
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { r.Close() })
	x.cmd.Stdout, x.cmd.Stderr, x.printed = w, w, r
	terminal, err := pty.Start(x.cmd)
	w.Close()
	if err != nil {
		s.t.Fatal(err)
	}
	x.watch()
	asked := regexp.MustCompile(question)
	for piece := make([]byte, 4<<10); !asked.Match(x.out.Bytes()); {
		n, err := r.Read(piece)
		x.out.Write(piece[:n])
		if err != nil {
			s.t.Fatalf("%v did not ask %s:\n%s", args, question, x.out.String())
		}
	}
	return x, terminal
}

// TestSignalsEndQuestions interrupts each question by Ctrl-C, and by signals from
// another process.
func TestSignalsEndQuestions(t *testing.T) {
	s := newSite(t)
	s.write("fleet.yaml", "version: 1\nname: demo\nsandboxes: {web: {snapshot: daytona-small, auto_stop_interval: 0}}\n")
	s.write("more.yaml", "version: 1\nname: demo\nsandboxes: {web: {snapshot: daytona-small, auto_stop_interval: 0}, db: {snapshot: daytona-small}, agent: {snapshot: daytona-small}}\n")
	if code, out := s.fleet("apply", "--yes"); code != 0 {
		t.Fatal(out)
	}
	s.order("POST", "/api/sandbox", `{"name":"agent","snapshot":"daytona-small"}`)
	s.order("POST", "/_emulator/clock", `{"advance":"3h"}`)
	before := s.there()
	for line, question := range map[string]string{
		"apply -f more.yaml --exclude sandbox.agent": "Apply this plan.*: ", "destroy": "Type its name: ",
		"gc --state started --action stop": "Collect these.*: ", "adopt agent -f more.yaml": "(?i)yes is accepted: ",
		"init -f new.yaml": `Name of the fleet \[.*\]: `, "apply -f more.yaml --exclude sandbox.agent --report report.json": "Apply this plan.*: ",
	} {
		for _, key := range []string{"\x03", "INT", "TERM", "HUP"} {
			t.Run(fmt.Sprintf("%s/%q", line, key), func(t *testing.T) {
				s.t = t
				x, terminal := s.asks(question, strings.Fields(line)...)
				defer terminal.Close()
				code := x.answer(terminal, key)
				if got := x.ends(); got != code || !regexp.MustCompile(`fleet: interrupted; nothing was (sent|written)\n$`).Match(x.out.Bytes()) {
					t.Errorf("exit code %d, want %d:\n%s", got, code, x.out.String())
				}
				if strings.Contains(line, "--report") {
					s.reported("interrupted; nothing was sent")
				}
			})
		}
	}
	if s.t = t; fmt.Sprint(s.there()) != fmt.Sprint(before) {
		t.Errorf("there is %v, and was %v", s.there(), before)
	}
	if _, err := os.Stat(filepath.Join(s.home, "new.yaml")); err == nil {
		t.Error("init has written")
	}
}

// reported checks the error in the report of a run, and removes the report.
func (s *site) reported(want string) {
	s.t.Helper()
	file := filepath.Join(s.home, "report.json")
	report, err := os.ReadFile(file)
	if !strings.Contains(string(report), `"error": "`+want) {
		s.t.Errorf("the report says %s, %v; want %s", report, err, want)
	}
	_ = os.Remove(file) // a missing file was reported above
}

// TestSignalsFirst checks that signals are received before all other initialization,
// which takes long on a busy machine.
func TestSignalsFirst(t *testing.T) {
	s := newSite(t)
	cmd := s.command("version")
	cmd.Env = append(cmd.Env, "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	order := regexp.MustCompile(`(?m)^init (\S+\.\S+/\S+|fleet/\S+|encoding/\S+|net/http) `).FindAllSubmatch(out, -1)
	at := slices.IndexFunc(order, func(m [][]byte) bool { return string(m[1]) == "fleet/internal/signals" })
	if at < 0 || len(order) < 50 || at > len(order)/10 {
		t.Errorf("signals are received after %d of %d packages:\n%s", at, len(order), out)
	}
}

// TestThirdSignal ends a command whose output is blocked.
func TestThirdSignal(t *testing.T) {
	s := newSite(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := &lasting{t: t, cmd: s.command("schema", "spec"), end: make(chan struct{})}
	x.cmd.Stdout = w
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	x.watch()
	if _, err := r.Read(make([]byte, 1)); err != nil { // it writes, and more than fits into a pipe
		t.Fatal(err)
	}
	for x.under() { // signals that come too fast count as one
		_ = x.cmd.Process.Signal(syscall.SIGINT) // an error means that it has ended
	}
	if got := x.ends(); got != 130 {
		t.Errorf("exit code %d, want 130", got)
	}
}

// answer types a key or sends a signal, reads the rest of the command's output, and
// returns the expected exit code.
func (x *lasting) answer(terminal *os.File, key string) (code int) {
	x.t.Helper()
	signal, is := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[key]
	var err error
	if is {
		err = x.cmd.Process.Signal(signal)
	} else {
		signal = syscall.SIGINT
		_, err = terminal.WriteString(key)
	}
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.out.ReadFrom(x.printed); err != nil {
		x.t.Fatal(err)
	}
	return endings[signal]
}

// order sends a request to the emulator, which must accept it.
func (s *site) order(method, path, body string) {
	s.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+testKey)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	if s.server.ServeHTTP(rec, req); rec.Code >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}

// TestSignalsEndWriting signals commands that write to a pipe without a reader, and to
// one that is full.
func TestSignalsEndWriting(t *testing.T) {
	s := newSite(t)
	s.write("fleet.yaml", "version: 1\nname: demo\nsandboxes: {web: {count: 2000, snapshot: daytona-small}}\n")
	pipe := filepath.Join(s.home, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"plan --out json=pipe", "plan --save pipe"} {
		for _, opened := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", line, opened), func(t *testing.T) {
				s.t = t
				printed, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer printed.Close()
				x := &lasting{t: t, cmd: s.command(strings.Fields(line)...), end: make(chan struct{})}
				x.cmd.Stdout, x.cmd.Stderr = w, &x.out
				if err := x.cmd.Start(); err != nil {
					t.Fatal(err)
				}
				w.Close()
				x.watch()
				for lines := bufio.NewScanner(printed); lines.Scan() && !strings.HasPrefix(lines.Text(), "Plan: "); {
				}
				if opened {
					reader, err := os.Open(pipe) // once it is opened for writing
					if err != nil {
						t.Fatal(err)
					}
					defer reader.Close()
					if _, err := reader.Read(make([]byte, 1)); err != nil {
						t.Fatal(err)
					}
				}
				if err := x.cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
				if got := x.ends(); got != 130 {
					t.Errorf("exit code %d, want 130:\n%s", got, x.out.String())
				}
			})
		}
	}
}
