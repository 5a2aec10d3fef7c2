package manifests

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"fleet/internal/fleetobject"
	"fleet/operator/internal/kubetest"
)

// fleetWith returns an object with a spec in YAML.
func fleetWith(t *testing.T, ns, fleet string) *unstructured.Unstructured {
	t.Helper()
	value, err := asKubectlReads([]byte(fleet))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{Object: fleetObject(value)}
	o.SetNamespace(ns)
	return o
}

// A GitOps tool applies an object again and again: that changes nothing, and what the object
// no longer declares is gone.
func TestApplyAgain(t *testing.T) {
	env := kubetest.New(t)
	env.InstallCRDs(t)
	a := newApplier(env.Admin())
	const start = "version: 1\nname: demo\n"
	var size int
	for i, sections := range []string{
		"sandboxes: {web: {snapshot: a, env_vars: {A: 1, B: \"2\"}, labels: {x: y}}, api: {snapshot: a}}",
		"sandboxes: {web: {snapshot: a, env_vars: {A: 1}, labels: {}}}",
		"sandboxes: {web: {snapshot: a, env_vars: null, labels: }}",
		"sandboxes: {web: null}",
		"sandboxes: {}",
		"sandboxes: null",
		"volumes: {cache: {}, data: }",
	} {
		o := fleetWith(t, env.Namespace, start+sections)
		got := a.applyTwice(t, o)
		want, _, _ := unstructured.NestedMap(o.Object, "spec", "fleet")
		kept, _, _ := unstructured.NestedMap(got.Object, "spec", "fleet")
		if asJSON(t, want) != asJSON(t, kept) {
			t.Errorf("the server keeps %s of %s", asJSON(t, kept), asJSON(t, want))
		}
		managed := len(asJSON(t, got.GetManagedFields()))
		if i == 0 {
			size = managed
		}
		if managed > size {
			t.Errorf("managedFields grow from %d to %d bytes with %s", size, managed, sections)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// managedFields do not grow with the spec, so that a spec of the size that the operator reads
// fits into an object. A larger one than a server keeps is refused.
func TestLargestSpec(t *testing.T) {
	env := kubetest.New(t)
	env.InstallCRDs(t)
	a := newApplier(env.Admin())
	for _, sandboxes := range []struct{ count, size int }{{1000, 10}, {10, fleetobject.MaxInline / 11}} {
		got := a.applyTwice(t, fleetWith(t, env.Namespace, largeSpec(sandboxes.count, sandboxes.size)))
		if managed := len(asJSON(t, got.GetManagedFields())); managed > 2000 {
			t.Errorf("managedFields of %d sandboxes have %d bytes", sandboxes.count, managed)
		}
	}
	if _, err := a.apply(t, fleetWith(t, env.Namespace, largeSpec(10, 160<<10))); err == nil || !strings.Contains(err.Error(), "request is too large") {
		t.Errorf("an object of 1.6 MiB: %v", err)
	}
}

// largeSpec returns a spec of sandboxes that have a text of some bytes each.
func largeSpec(sandboxes, size int) string {
	var b strings.Builder
	b.WriteString("version: 1\nname: demo\nsandboxes:\n")
	for i := range sandboxes {
		fmt.Fprintf(&b, "  worker-%d: {snapshot: base, env_vars: {TEXT: %q}}\n", i, strings.Repeat("x", size))
	}
	return b.String()
}

// The server answers a mistake with the field and what is wrong.
func TestServerRefusesMistakes(t *testing.T) {
	env := kubetest.New(t)
	env.InstallCRDs(t)
	a := newApplier(env.Admin())
	for fleet, want := range map[string]string{
		"version: 2": "spec.fleet.version: Invalid value: 2: version must be 1, the version of the spec language",
		"version: 1\nsandboxes: {web: {resources: {cpu: two}}}": "spec.fleet.sandboxes.web.resources.cpu",
	} {
		if _, err := a.apply(t, fleetWith(t, env.Namespace, fleet)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", fleet, err)
		}
	}
	o := fleetWith(t, env.Namespace, "version: 1")
	unstructured.RemoveNestedField(o.Object, "spec", "fleet")
	if _, err := a.apply(t, o); err == nil || !strings.Contains(err.Error(), "declare the fleet in fleet, or name ConfigMaps in fleetFrom") {
		t.Errorf("neither fleet nor fleetFrom: %v", err)
	}
}
