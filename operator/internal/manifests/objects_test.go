package manifests

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Where the tests install the operator, as config/ does.
const (
	release   = "fleet-operator"
	namespace = "fleet-system"
)

// objects are objects by kind, namespace and name.
type objects map[string]*unstructured.Unstructured

// key returns the key of an object.
func key(o *unstructured.Unstructured) string {
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

// read adds the objects of YAML documents.
func (all objects) read(t *testing.T, text []byte) {
	t.Helper()
	documents := yamlutil.NewYAMLReader(bufferedReader(text))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(document, &o.Object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if len(o.Object) == 0 {
			continue
		}
		if all[key(o)] != nil {
			t.Errorf("%s occurs twice", key(o))
		}
		all[key(o)] = o
	}
}

// kustomized returns what Kustomize makes of operator/config with components.
func kustomized(t *testing.T, components ...string) objects {
	t.Helper()
	disk := filesys.MakeFsOnDisk()
	dir := t.TempDir()
	base, err := filepath.Abs(filepath.Join(operatorDir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
		"resources": []string{relative(t, dir, base)},
	}
	for _, c := range components {
		list, _ := overlay["components"].([]string)
		overlay["components"] = append(list, relative(t, dir, filepath.Join(base, "components", c)))
	}
	text, err := yaml.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteFile(filepath.Join(dir, "kustomization.yaml"), text); err != nil {
		t.Fatal(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, dir)
	if err != nil {
		t.Fatal(err)
	}
	out, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	all := objects{}
	all.read(t, out)
	return all
}

func relative(t *testing.T, from, to string) string {
	t.Helper()
	resolved, err := filepath.EvalSymlinks(from)
	if err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Rel(resolved, to)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// rendered returns the objects of the chart with values in YAML. The values are checked
// with the schema of the chart.
func rendered(t *testing.T, values string) objects {
	t.Helper()
	all := objects{}
	for name, text := range renderedFiles(t, values) {
		if strings.HasSuffix(name, ".yaml") {
			all.read(t, []byte(text))
		}
	}
	return all
}

// renderedFiles returns the files that the chart's templates give.
func renderedFiles(t *testing.T, values string) map[string]string {
	t.Helper()
	files, err := render(values)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// render renders the chart with values in YAML.
func render(values string) (map[string]string, error) {
	c, err := chart.LoadDir(filepath.Join(operatorDir, "chart"))
	if err != nil {
		return nil, err
	}
	given := map[string]any{}
	if err := yaml.Unmarshal([]byte(values), &given); err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{Name: release, Namespace: namespace, IsInstall: true}
	all, err := util.ToRenderValues(c, given, options, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

func bufferedReader(text []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(text)) }

// removeLine removes a line from a text.
func removeLine(text, line string) string { return strings.Replace(text, line+"\n", "", 1) }
