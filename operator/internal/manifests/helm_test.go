package manifests

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"helm.sh/helm/v4/pkg/action"
	chart "helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/yaml"

	"fleet/operator/internal/kubetest"
)

// definitionKey is the key of the definition of fleets.
const definitionKey = "CustomResourceDefinition /fleets.daytona.fleet"

// TestHelm installs the chart as helm install does, upgrades it, and uninstalls it: the
// definition stays, and with it all Fleet objects.
func TestHelm(t *testing.T) {
	env := kubetest.New(t)
	a := newApplier(env.Admin())
	all := rendered(t, "")
	a.remove(t, all) // what other tests have left belongs to no release
	t.Cleanup(func() { a.remove(t, all) })
	h := newHelm(t, env)
	h.install(t, "")
	for name, o := range all {
		if got := a.get(t, o); got == nil {
			t.Errorf("%s was not installed", name)
		}
	}
	h.upgrade(t, "shards: 3\nnetworkPolicy: {enabled: false}")
	const deployment = "Deployment fleet-system/fleet-operator"
	upgraded := deploymentOf(t, objects{deployment: a.get(t, all[deployment])})
	if args := upgraded.Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "--shards=3") {
		t.Errorf("the arguments are %q", args)
	}
	if got := a.get(t, all["NetworkPolicy fleet-system/fleet-operator"]); got != nil {
		t.Error("the NetworkPolicy is there")
	}
	h.uninstall(t)
	for name, o := range all {
		if got := a.get(t, o); (got != nil) != (name == definitionKey) {
			t.Errorf("%s is there after uninstalling: %t", name, got != nil)
		}
	}
}

// A helm runs actions of Helm.
type helm struct {
	config *action.Configuration
}

func newHelm(t *testing.T, env *kubetest.Env) helm {
	t.Helper()
	file, ns := env.Kubeconfig(t, env.Admin()), namespace
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig, flags.Namespace = &file, &ns
	c := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if err := c.Init(flags, namespace, "secret"); err != nil {
		t.Fatal(err)
	}
	return helm{c}
}

// values returns values in YAML as Helm takes them.
func values(t *testing.T, text string) map[string]any {
	t.Helper()
	v := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (h helm) install(t *testing.T, text string) {
	t.Helper()
	c, err := chart.LoadDir(filepath.Join(operatorDir, "chart"))
	if err != nil {
		t.Fatal(err)
	}
	x := action.NewInstall(h.config)
	x.ReleaseName, x.Namespace, x.CreateNamespace, x.WaitStrategy = release, namespace, true, kube.HookOnlyStrategy
	if _, err := x.RunWithContext(t.Context(), c, values(t, text)); err != nil {
		t.Fatal(err)
	}
}

func (h helm) upgrade(t *testing.T, text string) {
	t.Helper()
	c, err := chart.LoadDir(filepath.Join(operatorDir, "chart"))
	if err != nil {
		t.Fatal(err)
	}
	x := action.NewUpgrade(h.config)
	x.Namespace, x.WaitStrategy = namespace, kube.HookOnlyStrategy
	if _, err := x.RunWithContext(t.Context(), release, c, values(t, text)); err != nil {
		t.Fatal(err)
	}
}

func (h helm) uninstall(t *testing.T) {
	t.Helper()
	x := action.NewUninstall(h.config)
	x.WaitStrategy, x.Timeout = kube.HookOnlyStrategy, time.Minute
	if _, err := x.Run(release); err != nil {
		t.Fatal(err)
	}
}

// get returns an object as the server has it; nil if it does not exist.
func (a applier) get(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	resource, err := a.resource(o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := resource.Get(context.Background(), o.GetName(), metav1.GetOptions{}) // also after the test
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// remove deletes objects, and waits until they are gone. Namespaces stay, since nothing here
// empties them.
func (a applier) remove(t *testing.T, all objects) {
	t.Helper()
	for name, o := range all {
		if o.GetKind() == "Namespace" {
			continue
		}
		resource, err := a.resource(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := resource.Delete(context.Background(), o.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("%s: %v", name, err)
		}
		kubetest.Eventually(t, time.Minute, func() error {
			if a.get(t, o) != nil {
				return fmt.Errorf("%s is still there", name)
			}
			return nil
		})
	}
}
