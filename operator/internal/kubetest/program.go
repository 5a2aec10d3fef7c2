package kubetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Program is the test binary in a process of its own. TestMain finds in the environment what
// it is to do.
type Program struct {
	cmd  *exec.Cmd
	read chan struct{} // closed when the process has ended

	mu    sync.Mutex
	lines []string // printed so far
}

// StartProgram starts a process with additional variables of the environment. It is killed when
// the test ends.
func StartProgram(t testing.TB, env ...string) *Program {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(context.Background(), exe)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = cmd.Stdout
	must(t, cmd.Start())
	p := &Program{cmd: cmd, read: make(chan struct{})}
	go func() {
		defer close(p.read)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Kill()
		<-p.read
		if t.Failed() {
			t.Logf("process %d printed:\n%s", cmd.Process.Pid, strings.Join(p.lines, "\n"))
		}
	})
	return p
}

// Signal sends a signal to the process.
func (p *Program) Signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	must(t, p.cmd.Process.Signal(s))
}

// Await waits until the process prints a line with a prefix, and returns the rest of the line.
func (p *Program) Await(t testing.TB, prefix string) string {
	t.Helper()
	var rest string
	Eventually(t, 2*time.Minute, func() error {
		found, ok := p.find(prefix)
		if !ok {
			return fmt.Errorf("the process printed no line that starts with %q", prefix)
		}
		rest = found
		return nil
	})
	return rest
}

// Printed reports whether the process has printed a line with a prefix.
func (p *Program) Printed(prefix string) bool {
	_, ok := p.find(prefix)
	return ok
}

// find returns the rest of the first line with a prefix.
func (p *Program) find(prefix string) (rest string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return rest, true
		}
	}
	return "", false
}

// AwaitEnd waits until the process has ended, and returns its exit code.
func (p *Program) AwaitEnd(t testing.TB) int {
	t.Helper()
	select {
	case <-p.read:
	case <-time.After(2 * time.Minute):
		t.Fatal("the process has not ended")
	}
	return p.cmd.ProcessState.ExitCode()
}
