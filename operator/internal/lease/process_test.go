package lease_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"fleet/operator/internal/kubetest"
)

// A replica is a worker in a process of its own.
type replica struct {
	cmd      *exec.Cmd
	identity string

	mu    sync.Mutex
	lines []string // printed so far
	ended bool
}

type settings struct {
	config   *rest.Config // nil: that of the admin
	shards   int          // 0: 1
	stubborn bool
}

// startReplica starts a worker, and waits until it prints its identity.
func startReplica(t *testing.T, env *kubetest.Env, s settings) *replica {
	t.Helper()
	if s.config == nil {
		s.config = env.Admin()
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), workerConfig+"="+env.Kubeconfig(t, s.config), workerNamespace+"="+env.Namespace,
		workerShards+"="+strconv.Itoa(max(1, s.shards)))
	if s.stubborn {
		cmd.Env = append(cmd.Env, workerStubborn+"=1")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &replica{cmd: cmd}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.mu.Lock()
			r.lines = append(r.lines, lines.Text())
			r.mu.Unlock()
		}
		_ = cmd.Wait()
		r.mu.Lock()
		r.ended = true
		r.mu.Unlock()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Kill()
		<-read
		if t.Failed() {
			t.Logf("%s printed:\n%s", r.identity, strings.Join(r.lines, "\n"))
		}
	})
	r.identity = strings.TrimPrefix(r.await(t, "identity "), "identity ")
	return r
}

// await waits until the worker prints a line with a prefix, and returns the line.
func (r *replica) await(t *testing.T, prefix string) string {
	t.Helper()
	var found string
	kubetest.Eventually(t, 2*time.Minute, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, line := range r.lines {
			if strings.HasPrefix(line, prefix) {
				found = line
				return nil
			}
		}
		return fmt.Errorf("%s printed no line that starts with %q", r.identity, prefix)
	})
	return found
}

// awaitEnd waits until the worker has ended, and returns its exit code.
func (r *replica) awaitEnd(t *testing.T) int {
	t.Helper()
	kubetest.Eventually(t, 2*time.Minute, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.ended {
			return fmt.Errorf("%s has not ended", r.identity)
		}
		return nil
	})
	return r.cmd.ProcessState.ExitCode()
}

// printed reports whether the worker has printed a line with a prefix.
func (r *replica) printed(prefix string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

func (r *replica) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
