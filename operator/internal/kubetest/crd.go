package kubetest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// InstallCRDs applies the definitions in config/crd, and waits until the server serves them.
func (e *Env) InstallCRDs(t testing.TB) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(e.server.root, "config", "crd", "*_*.yaml"))
	must(t, err)
	if len(files) == 0 {
		t.Fatal("config/crd holds no definitions")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		var object unstructured.Unstructured
		must(t, yaml.Unmarshal(text, &object.Object))
		e.install(t, &object)
	}
}

// A definition is what kubetest reads of a CustomResourceDefinition.
type definition struct {
	Spec struct {
		Group    string
		Names    struct{ Plural string }
		Versions []struct{ Name string }
	}
	Status struct{ Conditions []metav1.Condition }
}

// install applies a definition and waits until the server serves it.
func (e *Env) install(t testing.TB, object *unstructured.Unstructured) {
	t.Helper()
	client := dynamic.NewForConfigOrDie(e.Admin())
	_, err := client.Resource(definitions).Apply(t.Context(), object.GetName(), object, metav1.ApplyOptions{FieldManager: "kubetest", Force: true})
	must(t, err)
	Eventually(t, time.Minute, func() error {
		current, err := client.Resource(definitions).Get(t.Context(), object.GetName(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		text, err := current.MarshalJSON()
		if err != nil {
			return err
		}
		var d definition
		if err := json.Unmarshal(text, &d); err != nil {
			return err
		}
		if !meta.IsStatusConditionTrue(d.Status.Conditions, "Established") {
			return fmt.Errorf("%s is not established: %v", object.GetName(), d.Status.Conditions)
		}
		resource := schema.GroupVersionResource{Group: d.Spec.Group, Version: d.Spec.Versions[0].Name, Resource: d.Spec.Names.Plural}
		_, err = client.Resource(resource).List(t.Context(), metav1.ListOptions{Limit: 1})
		return err
	})
}
