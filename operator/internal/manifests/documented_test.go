package manifests

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"fleet/operator/internal/kubetest"
)

// documentedSpec is the spec that the documented commands export.
const documentedSpec = `
version: 1
name: research
environments:
  prod: {target: eu}
sandboxes:
  web: {snapshot: daytona-small}
`

// console returns the commands of a block of a document, by its place.
func console(t *testing.T, file string, block int) []string {
	t.Helper()
	blocks := strings.Split(string(readFile(t, filepath.Join(repository, file))), "```console\n")
	if len(blocks) <= block+1 {
		t.Fatalf("%s has %d blocks", file, len(blocks)-1)
	}
	text, _, _ := strings.Cut(blocks[block+1], "```")
	var commands []string
	for line := range strings.Lines(text) {
		commands = append(commands, strings.TrimPrefix(strings.TrimSpace(line), "$ "))
	}
	return commands
}

// A shell runs commands as a user does, in a directory of its own.
type shell struct {
	dir string
	env []string
}

// newShell returns a shell with fleet, kubectl and the directory of the operator.
func newShell(t *testing.T, env *kubetest.Env) shell {
	t.Helper()
	s := shell{dir: t.TempDir()}
	bin := filepath.Join(s.dir, "bin")
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "fleet"), ".")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	operator, err := filepath.Abs(operatorDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(operator, filepath.Join(s.dir, "operator")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(env.Kubectl(), filepath.Join(bin, "kubectl")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "fleet.yaml"), []byte(documentedSpec), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{
		"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + s.dir,
		"KUBECONFIG=" + env.Kubeconfig(t, env.Admin()), "DAYTONA_API_KEY=very-secret-key",
	}
	return s
}

// run runs a command and returns its output.
func (s shell) run(t *testing.T, command string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// The documented commands do what the page states, with kubectl and a real server.
func TestDocumentedCommands(t *testing.T) {
	env := kubetest.New(t)
	s := newShell(t, env)
	s.run(t, "kubectl create namespace research")
	var exported string
	for i, command := range console(t, "docs/operator.md", 0) {
		out := s.run(t, command)
		if i == 0 {
			exported = out
		}
		if strings.HasPrefix(command, "kubectl create secret") && !strings.Contains(exported, command) {
			t.Errorf("the export does not print %s:\n%s", command, exported)
		}
	}
	removeAfter(t, newApplier(env.Admin()), kustomized(t))
	fleets := dynamic.NewForConfigOrDie(env.Admin()).Resource(fleetResource).Namespace("research")
	f, err := fleets.Get(t.Context(), "research", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mode, _, _ := unstructured.NestedString(f.Object, "spec", "mode")
	target, _, _ := unstructured.NestedString(f.Object, "spec", "environment")
	if mode != "enforce" || target != "prod" {
		t.Errorf("mode %s, environment %s", mode, target)
	}
	if out := s.run(t, "kubectl explain fleet.spec.fleet.volumes.name"); !strings.Contains(out, "Name on Daytona") {
		t.Errorf("kubectl explain: %s", out)
	}
	ready := []byte(`{"status": {"observedGeneration": 2, "sandboxes": "1/1", "plan": {"changes": 0}, "conditions": [
		{"type": "Ready", "status": "True", "reason": "InSync", "message": "No changes.", "lastTransitionTime": "2026-01-02T03:04:05Z"}]}}`)
	if _, err := fleets.Patch(t.Context(), "research", types.MergePatchType, ready, metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	if out := s.run(t, "kubectl get fleets -n research"); !strings.Contains(out, "InSync") || !strings.Contains(out, "1/1") {
		t.Errorf("kubectl get: %s", out)
	}
	for _, command := range console(t, "docs/operator.md", 2) {
		s.run(t, command)
	}
	if _, err := fleets.Get(t.Context(), "research", metav1.GetOptions{}); err == nil {
		t.Error("the fleet was not deleted")
	}
}
