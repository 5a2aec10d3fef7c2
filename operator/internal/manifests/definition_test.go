package manifests

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	customresource "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"fleet/operator/internal/crd"
)

// operatorDir is the directory of the operator.
const operatorDir = "../.."

// readDefinition returns the definition of fleets, as a server keeps it.
func readDefinition(t *testing.T) *apiextensions.CustomResourceDefinition {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(operatorDir, crd.File))
	if err != nil {
		t.Fatal(err)
	}
	var written apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &written); err != nil {
		t.Fatal(err)
	}
	apiextensionsv1.SetObjectDefaults_CustomResourceDefinition(&written)
	written.Status.StoredVersions = []string{"v1alpha1"}
	var d apiextensions.CustomResourceDefinition
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&written, &d, nil); err != nil {
		t.Fatal(err)
	}
	return &d
}

// A checker validates objects as a server does.
type checker struct {
	types customresource.SchemaValidator
	rules *cel.Validator
	form  *structuralschema.Structural
}

func newChecker(t *testing.T) checker {
	t.Helper()
	d := readDefinition(t)
	props := d.Spec.Validation
	if props == nil {
		props = d.Spec.Versions[0].Schema
	}
	form, err := structuralschema.NewStructural(props.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	types, _, err := customresource.NewSchemaValidator(props.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	return checker{types, cel.NewValidator(form, true, celconfig.PerCallLimit), form}
}

// problems returns what a server answers to an object.
func (c checker) problems(object map[string]any) string {
	all := customresource.ValidateCustomResource(nil, object, c.types)
	if len(all) == 0 {
		all, _ = c.rules.Validate(context.Background(), field.NewPath(""), c.form, object, nil, celconfig.RuntimeCELCostBudget)
	}
	if len(all) == 0 {
		return ""
	}
	return all.ToAggregate().Error()
}

// A server accepts the definition: the schema is structural, and the rules are valid and
// cheap enough.
func TestDefinitionIsAccepted(t *testing.T) {
	if errs := validation.ValidateCustomResourceDefinition(t.Context(), readDefinition(t)); len(errs) > 0 {
		t.Error(errs.ToAggregate())
	}
}

// kubectl apply keeps a copy of an object in an annotation, which may have 256 KiB.
func TestDefinitionFitsIntoAnnotation(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(operatorDir, crd.File))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	if limit := 250 << 10; len(asJSON) > limit {
		t.Errorf("the definition has %d bytes, more than %d", len(asJSON), limit)
	}
}

// What is generated is what is committed.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := crd.Generate(t.Context(), operatorDir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(operatorDir, name))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is out of date (%v): run go generate in the directory of the operator", name, err)
		}
	}
}

// fleetObject returns a valid object with a spec.
func fleetObject(spec any) map[string]any {
	return map[string]any{
		"apiVersion": "daytona.fleet/v1alpha1", "kind": "Fleet", "metadata": map[string]any{"name": "demo", "namespace": "default"},
		"spec": map[string]any{"fleet": spec, "server": map[string]any{"credentials": map[string]any{"secret": "daytona"}}},
	}
}

func TestMistakesAreRefused(t *testing.T) {
	c := newChecker(t)
	for _, test := range []struct{ name, fleet, want string }{
		{"version", "version: 2", "version must be 1, the version of the spec language"},
		{"version as text", `version: "1"`, `spec.fleet.version in body must be of type integer: "string"`},
		{"name", "version: 1\nname: Not a name", "spec.fleet.name in body should match"},
		{"number", "version: 1\nsandboxes: {web: {resources: {cpu: two}}}", "spec.fleet.sandboxes.web.resources.cpu in body should match"},
		{"number of a default", "version: 1\ndefaults: {sandboxes: {auto_stop_interval: soon}}", "auto_stop_interval in body should match"},
		{"number of a template", "version: 1\ntemplates: {sandboxes: {a: {count: 1.5}}}", `must be of type integer,string: "number"`},
		{"negative", "version: 1\nsandboxes: {web: {count: -1}}", "spec.fleet.sandboxes.web.count in body should be greater than or equal to 0"},
		{"word", "version: 1\nsandboxes: {web: {state: running}}", `supported values: "started"`},
		{"mount", "version: 1\nsandboxes: {web: {volumes: [{volume: data}]}}", "spec.fleet.sandboxes.web.volumes[0].mount_path: Required value"},
		{"section", "version: 1\nsandboxes: web", "spec.fleet.sandboxes in body should match"},
		{"list", "[1]", `spec.fleet in body must be of type object: "array"`},
	} {
		fleet, err := asKubectlReads([]byte(test.fleet))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.problems(fleetObject(fleet)); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q instead of %q", test.name, got, test.want)
		}
	}
}
