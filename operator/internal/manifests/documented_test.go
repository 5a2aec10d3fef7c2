package manifests

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

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
	out, err := s.try(t, command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// try is run for a command that may fail.
func (s shell) try(t *testing.T, command string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	return string(out), nil
}

// The documented commands do what the page states, with kubectl and a real server.
func TestDocumentedCommands(t *testing.T) {
	env := kubetest.New(t)
	s := newShell(t, env)
	var exported string
	for i, command := range slices.Concat(console(t, "docs/operator.md", 0), console(t, "docs/operator.md", 1)) {
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
	kubetest.Eventually(t, time.Minute, func() error { // the server publishes the schema after the definition
		out, err := s.try(t, "kubectl explain fleet.spec.fleet.volumes.name")
		if err == nil && !strings.Contains(out, "Name on Daytona") {
			t.Errorf("kubectl explain: %s", out)
		}
		return err
	})
	ready := []byte(`{"status": {"observedGeneration": 2, "sandboxes": "1/1", "plan": {"changes": 0}, "conditions": [
		{"type": "Ready", "status": "True", "reason": "InSync", "message": "No changes.", "lastTransitionTime": "2026-01-02T03:04:05Z"}]}}`)
	if _, err := fleets.Patch(t.Context(), "research", types.MergePatchType, ready, metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	if out := s.run(t, "kubectl get fleets -n research"); !strings.Contains(out, "InSync") || !strings.Contains(out, "1/1") {
		t.Errorf("kubectl get: %s", out)
	}
	for _, command := range console(t, "docs/operator.md", 3) {
		if strings.HasPrefix(command, "kubectl delete") {
			s.run(t, "kubectl apply --server-side -f fleet-k8s.yaml") // what came before does not conflict with the file
			if out := s.run(t, "kubectl get fleet research -n research -o jsonpath='{.spec.suspend} {.spec.mode}'"); out != "true enforce" {
				t.Errorf("the file was applied again: suspend and mode are %s", out)
			}
		}
		s.run(t, command)
	}
	if _, err := fleets.Get(t.Context(), "research", metav1.GetOptions{}); err == nil {
		t.Error("the fleet was not deleted")
	}
}

// textBlocks returns the blocks of a document that are files with a name.
func textBlocks(t *testing.T, file, name string) (list []string) {
	t.Helper()
	for _, rest := range strings.Split(string(readFile(t, filepath.Join(repository, file))), "```text "+name+"\n")[1:] {
		text, _, _ := strings.Cut(rest, "```")
		list = append(list, text)
	}
	return list
}

// The documented overlay with rules mounts the file that the operator is started with, and
// starts the operator again when the rules change.
func TestDocumentedRules(t *testing.T) {
	overlays, rules := textBlocks(t, "docs/operator.md", "kustomization.yaml"), textBlocks(t, "docs/operator.md", "rules.yaml")
	if len(overlays) != 2 || len(rules) != 1 {
		t.Fatalf("the page has %d overlays and %d files of rules", len(overlays), len(rules))
	}
	base, err := filepath.Abs(filepath.Join(operatorDir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	deployment := func(rules string) string {
		dir := t.TempDir()
		overlay := strings.Replace(overlays[1], "- operator/config\n", "- "+relative(t, dir, base)+"\n", 1)
		for name, text := range map[string]string{"kustomization.yaml": overlay, "rules.yaml": rules} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
		if err != nil {
			t.Fatal(err)
		}
		text, err := built.AsYaml()
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n---\n") {
			if strings.Contains(part, "kind: Deployment") {
				return part
			}
		}
		t.Fatal("there is no deployment")
		return ""
	}
	first := deployment(rules[0])
	for _, want := range []string{"- --rules=/etc/fleet/rules.yaml", "mountPath: /etc/fleet", "name: fleet-operator-rules-"} {
		if !strings.Contains(first, want) {
			t.Errorf("the deployment lacks %s:\n%s", want, first)
		}
	}
	if first == deployment("rules: []\n") {
		t.Error("other rules do not start the operator again")
	}
}
