package manifests

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"fleet/operator/internal/kubetest"
)

var fleetResource = schema.GroupVersionResource{Group: "daytona.fleet", Version: "v1alpha1", Resource: "fleets"}

// An applier applies objects with server-side apply, as kubectl and GitOps tools do.
type applier struct {
	client dynamic.Interface
	mapper meta.RESTMapper
}

func newApplier(config *rest.Config) applier {
	found := memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config))
	return applier{dynamic.NewForConfigOrDie(config), restmapper.NewDeferredDiscoveryRESTMapper(found)}
}

// resource returns the client for the kind of an object.
func (a applier) resource(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := o.GroupVersionKind()
	mapping, err := a.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return a.client.Resource(mapping.Resource).Namespace(o.GetNamespace()), nil
	}
	return a.client.Resource(mapping.Resource), nil
}

// apply applies an object, and returns what the server then has.
func (a applier) apply(t *testing.T, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	t.Helper()
	resource, err := a.resource(o)
	if err != nil {
		t.Fatal(err)
	}
	return resource.Apply(t.Context(), o.GetName(), o.DeepCopy(), metav1.ApplyOptions{FieldManager: "test"})
}

// mustApply is apply for objects that the server accepts.
func (a applier) mustApply(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	got, err := a.apply(t, o)
	if err != nil {
		t.Fatalf("%s: %v", key(o), err)
	}
	return got
}

// applyTwice applies an object twice, and fails if the second time changes anything.
func (a applier) applyTwice(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	first, second := a.mustApply(t, o), a.mustApply(t, o)
	unchanged := first.GetResourceVersion() == second.GetResourceVersion()
	if o.GetKind() == "CustomResourceDefinition" { // the server writes its status meanwhile
		unchanged = first.GetGeneration() == second.GetGeneration()
	}
	if !unchanged {
		t.Errorf("%s changes each time that it is applied:\n%s", key(o), cmp.Diff(first.Object, second.Object))
	}
	return second
}

// installOrder are the kinds that others need.
var installOrder = []string{"Namespace", "CustomResourceDefinition", "ServiceAccount", "ClusterRole", "Role"}

// install applies all objects twice.
func install(t *testing.T, a applier, all objects) {
	t.Helper()
	names := slices.SortedFunc(maps.Keys(all), func(x, y string) int {
		return rank(all[x]) - rank(all[y])
	})
	for _, name := range names {
		a.applyTwice(t, all[name])
	}
}

// rank returns the place of an object in the order of installation.
func rank(o *unstructured.Unstructured) int {
	if i := slices.Index(installOrder, o.GetKind()); i >= 0 {
		return i
	}
	return len(installOrder)
}

// removeAfter deletes what is in no namespace after a test, for the next one.
func removeAfter(t *testing.T, a applier, all objects) {
	t.Helper()
	for _, o := range all {
		if o.GetKind() == "CustomResourceDefinition" || o.GetKind() == "Namespace" {
			continue
		}
		resource, err := a.resource(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { // the context of the test has ended
			if err := resource.Delete(context.Background(), o.GetName(), metav1.DeleteOptions{}); err != nil {
				t.Errorf("%s: %v", key(o), err)
			}
		})
	}
}

// A server accepts all objects, and applying them again changes nothing.
func TestServerAcceptsInstallation(t *testing.T) {
	env := kubetest.New(t)
	a := newApplier(env.Admin())
	for _, all := range []objects{kustomized(t), rendered(t, "rules: [{namespaces: [a]}]\nnamespaces: [fleet-system, default]\nshards: 3")} {
		if all["Namespace /"+namespace] != nil {
			a.mustApply(t, all["Namespace /"+namespace])
		}
		install(t, a, all)
	}
}
