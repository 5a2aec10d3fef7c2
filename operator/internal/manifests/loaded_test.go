package manifests

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/internal/fleetobject"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/source"
	"fleet/spec"
)

// The files of a spec with variables, secrets and an environment.
var loadedFiles = map[string]string{
	"fleet.yaml": `
version: 1
name: loaded
include: extra
vars:
  size: 1
  zones: {type: list, default: [a]}
  token: {type: string, sensitive: true}
environments:
  prod: {target: eu}
sandboxes:
  zed: {snapshot: base, env_vars: {PYTHON: 3.10, DEBUG: on, TOKEN: "${var.token}", KEY: {from_env: API_KEY}}}
  worker: {snapshot: base, count: "${var.size}"}
  zone: {snapshot: base, for_each: "${var.zones}"}
`,
	"extra": "volumes: {cache: {}}\n",
}

// The operator reads from exported objects the fleet that the command line reads, with the
// Secrets that the commands of the export create.
func TestOperatorReadsExport(t *testing.T) {
	for _, form := range []string{"inline", "ConfigMap"} {
		t.Run(form, func(t *testing.T) {
			env := kubetest.New(t)
			env.InstallCRDs(t)
			o := fleetobject.Options{Paths: []string{writeSpec(t, form == "inline")}, Namespace: env.Namespace}
			o.Spec = spec.Options{
				Environment: "prod", Lookup: func(name string) (string, bool) {
					text, ok := map[string]string{"API_KEY": "very-secret-key", "FLEET_VAR_token": "very-secret-token", "FLEET_VAR_zones": "[x, 010]"}[name]
					return text, ok
				},
				Vars: []spec.Var{{Name: "size", Value: "3"}},
			}
			want, err := o.Spec.Load(o.Paths...)
			if err != nil {
				t.Fatal(err)
			}
			result, err := fleetobject.Export(o)
			if err != nil || result.Inline != (form == "inline") {
				t.Fatalf("inline: %v, %v", result.Inline, err)
			}
			got := appliedAndLoaded(t, env, result.Text)
			defer got.Close()
			compareFleets(t, want, got.Fleet)
			if got.Config.Key != "very-secret-api-key" || len(got.Fleet.Sensitive()) != len(want.Sensitive()) {
				t.Errorf("key %v, %d sensitive values", got.Config.Key, len(got.Fleet.Sensitive()))
			}
		})
	}
}

// writeSpec writes the files of the spec and returns the first one.
func writeSpec(t *testing.T, alone bool) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range loadedFiles {
		if alone && name == "fleet.yaml" {
			text = removeLine(text, "include: extra")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "fleet.yaml")
}

// appliedAndLoaded applies exported objects, creates the Secrets, and reads the fleet as the
// operator does.
func appliedAndLoaded(t *testing.T, env *kubetest.Env, text []byte) *source.Input {
	t.Helper()
	a, all := newApplier(env.Admin()), objects{}
	all.read(t, text)
	for _, o := range all {
		a.applyTwice(t, o)
	}
	for name, data := range map[string]map[string]string{
		"daytona":          {"apiKey": "very-secret-api-key"},
		"loaded-env":       {"API_KEY": "very-secret-key"},
		"loaded-variables": {"token": "very-secret-token"},
	} {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: data}
		if _, err := env.Client().CoreV1().Secrets(env.Namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.New(env.Admin(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	f := &v1alpha1.Fleet{}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: env.Namespace, Name: "loaded"}, f); err != nil {
		t.Fatal(err)
	}
	loader := source.Loader{Reader: c, Dir: t.TempDir()}
	got, err := loader.Load(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
