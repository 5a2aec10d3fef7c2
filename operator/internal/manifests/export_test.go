package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"fleet/internal/fleetobject"
	"fleet/operator/internal/kubetest"
	"fleet/spec"
)

// noEnvironment finds no environment variables.
func noEnvironment(string) (string, bool) { return "", false }

// TestExportedSpecsAreTheSame: what fleet export --k8s writes of a spec is valid for a server,
// and the same spec after a reader of YAML 1.1 such as kubectl has read it.
func TestExportedSpecsAreTheSame(t *testing.T) {
	c := newChecker(t)
	inline, others := 0, 0
	for _, s := range acceptedSpecs(t) {
		path := filepath.Join(t.TempDir(), "fleet.yaml")
		if err := os.WriteFile(path, s.text, 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := spec.Options{Lookup: noEnvironment}.Load(path)
		if err != nil {
			continue // it needs variables or other files
		}
		result, err := fleetobject.Export(fleetobject.Options{Spec: spec.Options{Lookup: noEnvironment}, Paths: []string{path}})
		if err != nil {
			others++
			continue
		}
		all := objects{}
		all.read(t, result.Text)
		object := onlyFleet(t, all)
		if got := c.problems(object.Object); got != "" {
			t.Errorf("%s: %s", s.name, got)
		}
		if !result.Inline {
			others++
			continue
		}
		inline++
		checkSame(t, s.name, want, object)
	}
	if inline < 300 || others > inline/5 {
		t.Errorf("%d specs are in objects, and %d are not", inline, others)
	}
}

// onlyFleet returns the Fleet among objects, with numbers as a server reads them.
func onlyFleet(t *testing.T, all objects) *unstructured.Unstructured {
	t.Helper()
	for _, o := range all {
		if o.GetKind() == "Fleet" {
			value, err := asKubectlReads([]byte(asJSON(t, o.Object)))
			if err != nil {
				t.Fatal(err)
			}
			return &unstructured.Unstructured{Object: value.(map[string]any)}
		}
	}
	t.Fatal("no Fleet")
	return nil
}

// checkSame fails unless an object has the resources of a fleet.
func checkSame(t *testing.T, name string, want *spec.Fleet, object *unstructured.Unstructured) {
	t.Helper()
	inner, _, err := unstructured.NestedMap(object.Object, "spec", "fleet")
	if err != nil {
		t.Fatal(err)
	}
	got, err := spec.Options{Lookup: noEnvironment}.Parse(spec.Source{Name: "spec.fleet", Text: []byte(asJSON(t, inner))})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	compareFleets(t, want, got)
}

// compareFleets fails unless two fleets have the same resources.
func compareFleets(t *testing.T, want, got *spec.Fleet) {
	t.Helper()
	var addresses []spec.Address
	for _, r := range slices.Concat(want.Resources, got.Resources) {
		addresses = append(addresses, r.Address)
	}
	had, has := want.ResourceFingerprints(addresses), got.ResourceFingerprints(addresses)
	for _, a := range addresses {
		if had[a] != has[a] {
			t.Errorf("%s: %s is different", want.Name, a)
		}
	}
}

// A server accepts exported objects, and applying them again changes nothing.
func TestServerAcceptsExport(t *testing.T) {
	env := kubetest.New(t)
	env.InstallCRDs(t)
	a := newApplier(env.Admin())
	for _, path := range append(matching(t, "examples/*.yaml"), filepath.Join(repository, "spec/testdata/good/full.yaml")) {
		in := spec.Options{Lookup: noEnvironment, Unset: spec.UnsetAll}
		result, err := fleetobject.Export(fleetobject.Options{Spec: in, Paths: []string{path}, Namespace: env.Namespace, Mode: "observe"})
		if err != nil {
			t.Logf("%s: %v", path, err)
			continue
		}
		all := objects{}
		all.read(t, result.Text)
		for _, o := range all {
			a.applyTwice(t, o)
		}
	}
}
