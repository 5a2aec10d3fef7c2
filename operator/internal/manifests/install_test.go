package manifests

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// withoutNamespace removes what Helm creates by a flag, and the annotation for Helm.
func withoutNamespace(all objects) objects {
	delete(all, "Namespace /"+namespace)
	for _, o := range all {
		unstructured.RemoveNestedField(o.Object, "metadata", "annotations", "helm.sh/resource-policy")
		if len(o.GetAnnotations()) == 0 {
			unstructured.RemoveNestedField(o.Object, "metadata", "annotations")
		}
	}
	return all
}

// The chart and the kustomization give the same objects.
func TestChartIsKustomization(t *testing.T) {
	for _, test := range []struct {
		name, values string
		components   []string
	}{
		{"as they are", "", nil},
		{"ServiceMonitor", "serviceMonitor: {enabled: true}", []string{"service-monitor"}},
		{"one namespace", "namespaces: [fleet-system]", []string{"one-namespace"}},
		{"without watch", "watchSecrets: false", []string{"without-watch"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, got := withoutNamespace(kustomized(t, test.components...)), withoutNamespace(rendered(t, test.values))
			if deployment := want["Deployment fleet-system/fleet-operator"]; deployment != nil {
				expandNamespace(t, deployment)
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Fatalf("objects of the kustomization (-) and the chart (+):\n%s", diff)
			}
			for name, o := range want {
				if diff := cmp.Diff(o.Object, got[name].Object); diff != "" {
					t.Errorf("%s of the kustomization (-) and the chart (+):\n%s", name, diff)
				}
			}
		})
	}
}

// expandNamespace replaces $(POD_NAMESPACE) in the arguments, as the kubelet does.
func expandNamespace(t *testing.T, deployment *unstructured.Unstructured) {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) != 1 {
		t.Fatalf("%d containers, %v", len(containers), err)
	}
	args := containers[0].(map[string]any)["args"].([]any)
	for i, a := range args {
		args[i] = strings.ReplaceAll(a.(string), "$(POD_NAMESPACE)", namespace)
	}
	if err := unstructured.SetNestedSlice(deployment.Object, containers, "spec", "template", "spec", "containers"); err != nil {
		t.Fatal(err)
	}
}

// All pods satisfy the restricted Pod Security Standard.
func TestPodsAreRestricted(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	const everything = "shards: 4\nrules: [{namespaces: [a]}]\nserviceMonitor: {enabled: true}"
	for name, all := range map[string]objects{"kustomization": kustomized(t), "chart": rendered(t, ""), "all values": rendered(t, everything)} {
		d := deploymentOf(t, all)
		for _, check := range evaluator.EvaluatePod(level, &d.Spec.Template.ObjectMeta, &d.Spec.Template.Spec) {
			if !check.Allowed {
				t.Errorf("%s: %s: %s", name, check.ForbiddenReason, check.ForbiddenDetail)
			}
		}
		if c := d.Spec.Template.Spec.Containers[0]; !*c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s: the root file system is writable", name)
		}
	}
}

// deploymentOf returns the Deployment of the operator.
func deploymentOf(t *testing.T, all objects) *appsv1.Deployment {
	t.Helper()
	o := all["Deployment fleet-system/fleet-operator"]
	if o == nil {
		t.Fatal("no Deployment")
	}
	d := &appsv1.Deployment{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, d, true); err != nil {
		t.Fatal(err)
	}
	return d
}

// The values of the chart reach the objects that they are about.
func TestChartValues(t *testing.T) {
	for _, test := range []struct{ values, file, want string }{
		{"shards: 3", "deployment.yaml", "--shards=3"},
		{"replicas: 5", "deployment.yaml", "replicas: 5"},
		{"image: {repository: mirror/fleet, tag: v9}", "deployment.yaml", `image: "mirror/fleet:v9"`},
		{"imagePullSecrets: [{name: pull}]", "deployment.yaml", "imagePullSecrets:\n        - name: pull"},
		{"extraArgs: [--verbose]", "deployment.yaml", `- "--verbose"`},
		{"resources: {limits: {memory: 1Gi}}", "deployment.yaml", "memory: 1Gi"},
		{"rules: [{namespaces: [team-a], secrets: [daytona]}]", "deployment.yaml", "--rules=/etc/fleet/rules.yaml"},
		{"rules: [{namespaces: [team-a], secrets: [daytona]}]", "rules.yaml", "rules:\n    - namespaces:\n      - team-a\n      secrets:\n      - daytona"},
		{"rules: []", "rules.yaml", "rules: []"},
		{"namespaces: [a, b]", "deployment.yaml", "--namespaces=a,b"},
		{"networkPolicy: {egressPorts: [3000]}", "network_policy.yaml", "- port: 3000"},
		{"serviceMonitor: {enabled: true, interval: 5s}", "service_monitor.yaml", "interval: 5s"},
		{"podAnnotations: {a: b}", "deployment.yaml", "a: b"},
		{"nodeSelector: {disk: fast}", "deployment.yaml", "disk: fast"},
		{"tolerations: [{key: spot}]", "deployment.yaml", "- key: spot"},
		{"serviceAccount: {annotations: {role: x}}", "service_account.yaml", "role: x"},
	} {
		const dir = "fleet-operator/templates/"
		if got := renderedFiles(t, test.values)[dir+test.file]; !strings.Contains(got, test.want) {
			t.Errorf("%s: %s has no %q:\n%s", test.values, test.file, test.want, got)
		}
		if got := renderedFiles(t, "")[dir+test.file]; strings.Contains(got, test.want) {
			t.Errorf("%s has %q without %s", test.file, test.want, test.values)
		}
	}
}

// The values of the chart remove the objects that they are about.
func TestChartWithout(t *testing.T) {
	all := rendered(t, "")
	for values, gone := range map[string][]string{
		"networkPolicy: {enabled: false}":       {"NetworkPolicy fleet-system/fleet-operator"},
		"podDisruptionBudget: {enabled: false}": {"PodDisruptionBudget fleet-system/fleet-operator"},
		"crds: {install: false}":                {"CustomResourceDefinition /fleets.daytona.fleet"},
		"userRoles: {enabled: false}":           {"ClusterRole /fleet-operator-edit", "ClusterRole /fleet-operator-view"},
		"namespaces: [a]":                       {"ClusterRole /fleet-operator", "ClusterRoleBinding /fleet-operator"},
	} {
		without := rendered(t, values)
		for _, name := range gone {
			if all[name] == nil || without[name] != nil {
				t.Errorf("%s: %s is there: %v by default, %v with it", values, name, all[name] != nil, without[name] != nil)
			}
		}
	}
}

// Mistakes in values are refused with their place.
func TestChartRefusesMistakes(t *testing.T) {
	for values, want := range map[string]string{
		"shard: 3":                   "shard",
		"shards: 0":                  "/shards",
		"rules: all":                 "/rules",
		"rules: [{secret: x}]":       "/rules/0",
		"namespaces: team-a":         "/namespaces",
		"networkPolicy: {ports: []}": "/networkPolicy",
	} {
		if _, err := render(values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not name %s", values, err, want)
		}
	}
}
