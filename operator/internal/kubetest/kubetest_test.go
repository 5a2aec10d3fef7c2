package kubetest_test

import (
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"fleet/operator/internal/kubetest"
)

func TestMain(m *testing.M) { kubetest.Main(m) }

// A service account may do what its rules allow, and the audit log names it.
func TestServiceAccount(t *testing.T) {
	env := kubetest.New(t)
	config := env.ServiceAccount(t, "writer", kubetest.Access{Namespace: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"create"}},
	}})
	maps := kubernetes.NewForConfigOrDie(config).CoreV1().ConfigMaps(env.Namespace)
	_, err := maps.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one"}, Data: map[string]string{"key": "value"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := maps.Delete(t.Context(), "one", metav1.DeleteOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("deleting without a rule for it: %v", err)
	}
	var codes []int
	user := "system:serviceaccount:" + env.Namespace + ":writer"
	for _, r := range env.Requests(t) {
		if r.User != user || r.Resource != "configmaps" {
			continue
		}
		codes = append(codes, r.Code)
		if r.Verb == "create" && !strings.Contains(string(r.Body), `"key":"value"`) {
			t.Errorf("the body of the create is %s", r.Body)
		}
	}
	if len(codes) != 2 || codes[0] != 201 || codes[1] != 403 {
		t.Errorf("the audit log has the codes %v, want 201 and 403", codes)
	}
}

// The definitions are served, and kubectl reaches the server as a user would.
func TestKubectl(t *testing.T) {
	env := kubetest.New(t)
	env.InstallCRDs(t)
	get := exec.CommandContext(t.Context(), env.Kubectl(), "get", "fleets", "--kubeconfig", env.Kubeconfig(t, env.Admin()))
	out, err := get.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := "No resources found in " + env.Namespace; !strings.Contains(string(out), want) {
		t.Errorf("kubectl printed %q, want %q", out, want)
	}
}
