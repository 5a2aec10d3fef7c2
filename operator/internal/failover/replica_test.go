package failover_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"fleet/operator/internal/kubetest"
	_ "fleet/operator/internal/operator" // results of tests are kept until the program changes
)

var silentLog = log.New(io.Discard, "", 0)

// limit ends tests that hang.
const limit = 10 * time.Minute

// build builds the operator, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "operator")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, "fleet/operator").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}

// A replica is an operator in a process of its own, with a network of its own.
type replica struct {
	name    string // of its service account
	cmd     *exec.Cmd
	kube    *link
	daytona *link
	ended   chan struct{}
	printed output
}

// An output is what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns the text so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// access is what a replica may do in the namespace of the test.
func access() kubetest.Access {
	rule := func(group string, resources, verbs string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: strings.Fields(resources), Verbs: strings.Fields(verbs)}
	}
	return kubetest.Access{Namespace: []rbacv1.PolicyRule{
		rule("daytona.fleet", "fleets", "get list watch patch"),
		rule("daytona.fleet", "fleets/status", "patch"),
		rule("daytona.fleet", "fleets/finalizers", "update"),
		rule("", "configmaps", "get list watch create patch delete"),
		rule("", "secrets", "get list watch"),
		rule("events.k8s.io", "events", "create patch"),
		rule("coordination.k8s.io", "leases", "get list create update delete"),
	}}
}

// start starts a replica. It ends with the test.
func (r *rig) start() *replica {
	r.t.Helper()
	x := &replica{name: fmt.Sprint("replica-", len(r.replicas)), ended: make(chan struct{})}
	config := r.env.ServiceAccount(r.t, x.name, access())
	x.kube = newLink(r.t, strings.TrimPrefix(config.Host, "https://"), false, nil)
	config.Host = "https://" + x.kube.address()
	x.daytona = newLink(r.t, r.daytona.server.Listener.Addr().String(), true, func(address string) { r.daytona.register(x.name, address) })

	x.cmd = exec.Command(r.program,
		"--namespaces="+r.env.Namespace, "--lease-namespace="+r.env.Namespace, "--shards="+strconv.Itoa(r.shards),
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--temp-dir="+r.t.TempDir())
	x.cmd.Env = append(os.Environ(), "KUBECONFIG="+r.env.Kubeconfig(r.t, config),
		"HTTPS_PROXY=http://"+x.daytona.address(), "NO_PROXY=", "SSL_CERT_FILE="+r.daytona.certificate)
	x.cmd.Stdout, x.cmd.Stderr = &x.printed, &x.printed
	must(r.t, x.cmd.Start())
	go func() {
		_ = x.cmd.Wait()
		close(x.ended)
	}()
	r.t.Cleanup(func() {
		x.signal(syscall.SIGCONT)
		x.signal(syscall.SIGKILL)
		<-x.ended
		if r.t.Failed() {
			r.t.Logf("%s printed:\n%s", x.name, x.printed.String())
		}
	})
	r.replicas = append(r.replicas, x)
	return x
}

// signal sends a signal, unless the process has ended.
func (x *replica) signal(s syscall.Signal) { _ = x.cmd.Process.Signal(s) }

// hasEnded reports whether the process has ended.
func (x *replica) hasEnded() bool {
	select {
	case <-x.ended:
		return true
	default:
		return false
	}
}

// awaitEnd waits until the process has ended, and returns its exit code.
func (x *replica) awaitEnd(t *testing.T) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	select {
	case <-x.ended:
	case <-ctx.Done():
		t.Fatalf("%s has not ended", x.name)
	}
	return x.cmd.ProcessState.ExitCode()
}
