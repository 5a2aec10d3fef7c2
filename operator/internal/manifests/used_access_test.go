package manifests

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/daytonatest"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/operator"
)

// refusals records the requests that a server refuses for missing rights.
type refusals struct {
	mu   sync.Mutex
	list []string
}

// A refusalRecorder adds them.
type refusalRecorder struct {
	next http.RoundTripper
	to   *refusals
}

func (r refusalRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusForbidden {
		r.to.mu.Lock()
		defer r.to.mu.Unlock()
		r.to.list = append(r.to.list, req.Method+" "+req.URL.Path)
	}
	return resp, err
}

// The rights and the arguments of the installation are enough for the operator: it creates a
// fleet, sees a Secret that is missing at first, and deletes the fleet with its object.
func TestOperatorWithItsAccess(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	for _, test := range []struct {
		name       string
		components []string
		fleets     string // namespace; empty for that of the test
	}{
		{"all namespaces", nil, ""},
		{"one namespace", []string{"one-namespace"}, namespace},
		{"without watch", []string{"without-watch"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := kubetest.New(t)
			a, all := newApplier(env.Admin()), kustomized(t, test.components...)
			install(t, a, all)
			removeAfter(t, a, all)
			if test.fleets == "" {
				test.fleets = env.Namespace
			}
			refused := startOperator(t, env, argumentsOf(t, all))
			lifeOfFleet(t, env, test.fleets)
			refused.mu.Lock()
			defer refused.mu.Unlock()
			if len(refused.list) > 0 {
				t.Errorf("refused: %q", slices.Compact(slices.Sorted(slices.Values(refused.list))))
			}
		})
	}
}

// argumentsOf returns the options for the arguments of the Deployment.
func argumentsOf(t *testing.T, all objects) operator.Options {
	t.Helper()
	var args []string
	for _, a := range deploymentOf(t, all).Spec.Template.Spec.Containers[0].Args {
		args = append(args, strings.ReplaceAll(a, "$(POD_NAMESPACE)", namespace))
	}
	o, err := operator.ParseFlags(args, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if o.MetricsAddr != ":8080" || o.ProbeAddr != ":8081" {
		t.Errorf("metrics at %s, probes at %s", o.MetricsAddr, o.ProbeAddr)
	}
	o.MetricsAddr, o.ProbeAddr, o.LeaseNS, o.Dir = "0", "0", namespace, t.TempDir()
	return o
}

// startOperator starts an operator with the service account of the installation, until the
// test ends.
func startOperator(t *testing.T, env *kubetest.Env, o operator.Options) *refusals {
	t.Helper()
	refused := &refusals{}
	config := operatorConfig(t, env)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return refusalRecorder{next, refused} })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- operator.Reconcile(ctx, config, o, nil) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the operator ended: %v", err)
		}
	})
	return refused
}

// lifeOfFleet creates a fleet and then its Secret, waits until it is ready, and deletes it.
func lifeOfFleet(t *testing.T, env *kubetest.Env, ns string) {
	t.Helper()
	server, err := daytonatest.New(daytonatest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	fleets := dynamic.NewForConfigOrDie(env.Admin()).Resource(fleetResource).Namespace(ns)
	f := fleetWith(t, ns, "version: 1\nname: used\nsandboxes: {web: {snapshot: daytona-small}}\n")
	for path, value := range map[string]string{"server.url": server.URL, "deletionPolicy": "Delete"} {
		if err := unstructured.SetNestedField(f.Object, value, append([]string{"spec"}, strings.Split(path, ".")...)...); err != nil {
			t.Fatal(err)
		}
	}
	newApplier(env.Admin()).mustApply(t, f)
	waitFor(t, fleets, "Stalled")
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "daytona"}, StringData: map[string]string{"apiKey": daytonatest.Key}}
	if _, err := env.Client().CoreV1().Secrets(ns).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ask := fmt.Appendf(nil, `{"metadata": {"annotations": {"daytona.fleet/reconcile-at": %q}}}`, time.Now().String())
	if _, err := fleets.Patch(t.Context(), f.GetName(), "application/merge-patch+json", ask, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, fleets, "Ready")
	if err := fleets.Delete(t.Context(), f.GetName(), metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	kubetest.Eventually(t, 2*time.Minute, func() error {
		o, err := fleets.Get(t.Context(), f.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("it is not deleted: %v, %w", o.Object["status"], err)
	})
	if err := env.Client().CoreV1().Secrets(ns).Delete(t.Context(), "daytona", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// waitFor waits until a condition of the fleet demo is True.
func waitFor(t *testing.T, fleets dynamic.ResourceInterface, condition string) {
	t.Helper()
	kubetest.Eventually(t, 2*time.Minute, func() error {
		o, err := fleets.Get(t.Context(), "demo", metav1.GetOptions{})
		if err != nil {
			return err
		}
		list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		for _, c := range list {
			if c := c.(map[string]any); c["type"] == condition && c["status"] == "True" {
				return nil
			}
		}
		return fmt.Errorf("%s is not True: %v", condition, list)
	})
}

// operatorConfig returns the configuration of clients with the service account of the operator.
func operatorConfig(t *testing.T, env *kubetest.Env) *rest.Config {
	t.Helper()
	config := env.Admin()
	config.BearerToken, config.QPS = operatorToken(t, env), -1
	return config
}
