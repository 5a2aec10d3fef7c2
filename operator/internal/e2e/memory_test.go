package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
)

// benchVariable is the environment variable that runs measurements, if it is 1.
const benchVariable = "FLEET_BENCH"

// TestMemory measures the memory of the program while it has 500 fleets of 10 sandboxes.
func TestMemory(t *testing.T) {
	if os.Getenv(benchVariable) != "1" {
		t.Skip("takes minutes: run `make bench`")
	}
	const fleets, sandboxes, limitMB = 500, 10, 200
	r := newRigWithoutOperator(t, emulator.Options{})
	r.prepareLeases("fleet-operator", 1)
	for i := range fleets {
		r.apply(fmt.Sprintf("fleet-%03d", i), fmt.Sprintf("fleet:\n  version: 1\n  name: fleet-%03d\n  sandboxes: {web-%03d: {count: %d, auto_stop_interval: 0, labels: {team: a}, env_vars: {MODE: production}}}\n", i, i, sandboxes))
	}
	started := time.Now()
	pid := r.startProcess()
	r.awaitReady(fleets)
	ready := memoryOf(t, pid)
	t.Logf("%d fleets of %d sandboxes are ready after %s: %d MB resident, at most %d MB", fleets, sandboxes, time.Since(started).Round(time.Second), ready.resident, ready.highest)
	r.annotate("fleet-000", v1alpha1.ReconcileAnnotation, "again") // makes a new listing
	kubetest.Eventually(t, limit, func() error {
		if f := r.get("fleet-000"); f.Status.HandledReconcileAt != "again" {
			return fmt.Errorf("the listing is not made")
		}
		return nil
	})
	after := memoryOf(t, pid)
	t.Logf("after a new listing: %d MB resident, at most %d MB", after.resident, after.highest)
	if after.highest >= limitMB {
		t.Errorf("the program used %d MB, and may use less than %d MB", after.highest, limitMB)
	}
}

// startProcess starts the program, and returns its process id. It ends with the test.
func (r *rig) startProcess() int {
	r.t.Helper()
	dir := r.t.TempDir()
	program := filepath.Join(dir, "operator")
	out, err := exec.CommandContext(r.t.Context(), "go", "build", "-o", program, "fleet/operator").CombinedOutput()
	if err != nil {
		r.t.Fatalf("building the operator: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "--lease-namespace", r.env.Namespace, "--namespaces", r.env.Namespace,
		"--metrics-bind-address", "0", "--health-probe-bind-address", "0", "--temp-dir", dir)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+r.env.Kubeconfig(r.t, r.env.Admin()))
	var log bytes.Buffer
	cmd.Stderr = &log
	must(r.t, cmd.Start())
	r.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			r.t.Errorf("the operator ended: %v\n%.4000s", err, log.Bytes())
		}
	})
	return cmd.Process.Pid
}

// awaitReady waits until the objects that TestMemory applies are ready.
func (r *rig) awaitReady(fleets int) {
	r.t.Helper()
	for i := range fleets {
		kubetest.Eventually(r.t, 10*time.Minute, func() error {
			f := r.get(fmt.Sprintf("fleet-%03d", i))
			if !meta.IsStatusConditionTrue(f.Status.Conditions, v1alpha1.Ready) {
				return fmt.Errorf("%s is not ready: %s", f.Name, message(f, v1alpha1.Ready))
			}
			return nil
		})
	}
}

// memory is the memory of a process in MB: that which is resident, and the most that was.
type memory struct{ resident, highest int }

var memoryLine = regexp.MustCompile(`(?m)^(VmRSS|VmHWM):\s+(\d+) kB$`)

// memoryOf returns the memory of a process.
func memoryOf(t *testing.T, pid int) memory {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	values := map[string]int{}
	for _, m := range memoryLine.FindAllStringSubmatch(string(text), -1) {
		values[m[1]], _ = strconv.Atoi(m[2])
	}
	if len(values) != 2 {
		t.Fatalf("/proc has no memory in\n%s", text)
	}
	return memory{values["VmRSS"] / 1000, values["VmHWM"] / 1000}
}
