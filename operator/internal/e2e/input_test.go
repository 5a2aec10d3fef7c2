package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/operator"
)

// configMap writes a ConfigMap.
func (r *rig) configMap(name string, data map[string]string) {
	r.t.Helper()
	r.applyObject(&corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data,
	})
}

// TestConfigMaps: a spec of several keys with an include, and variables of all sources. An
// edit of a ConfigMap is seen.
func TestConfigMaps(t *testing.T) {
	r := newRig(t, emulator.Options{})
	spec := map[string]string{
		"fleet.yaml": "version: 1\nname: web\ninclude: parts.inc\nenv: [TEAM]\nvars: {count: {type: number}, token: {}}\n",
		"parts.inc":  "sandboxes:\n  web:\n    count: ${var.count}\n    labels: {team: \"${env.TEAM}\", token: \"${var.token}\"}\n",
	}
	r.configMap("spec", spec)
	r.configMap("values", map[string]string{"team": "red"})
	r.applyObject(&corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: "values"}, StringData: map[string]string{"token": "s3cret-s3ntinel"},
	})
	r.apply("web", `
fleetFrom: [{configMap: spec}]
variables:
- {name: count, value: "2"}
- {name: token, valueFrom: {secretKeyRef: {name: values, key: token}}}
env:
- {name: TEAM, valueFrom: {configMapKeyRef: {name: values, key: team}}}
mode: observe
`)
	f := r.wait("web", v1alpha1.Ready, metav1.ConditionFalse, "Drifted")
	plan := &corev1.ConfigMap{}
	must(t, r.kube.Get(t.Context(), client.ObjectKey{Namespace: r.env.Namespace, Name: f.Status.Plan.ConfigMap}, plan))
	if text := fmt.Sprint(plan.Data, f.Status); strings.Contains(text, "s3ntinel") || !strings.Contains(text, "web[0") {
		t.Errorf("the plan shows %s", text)
	}
	u := r.get("web")
	u.Spec.Mode = ""
	must(t, r.kube.Update(t.Context(), u))
	r.ready("web")
	if s := r.sandboxes()["web-1"]; s.Labels["team"] != "red" || s.Labels["token"] != "s3cret-s3ntinel" {
		t.Errorf("labels %v", s.Labels)
	}
	r.configMap("values", map[string]string{"team": "blue"})
	kubetest.Eventually(t, limit, func() error {
		if team := r.sandboxes()["web-1"].Labels["team"]; team != "blue" {
			return fmt.Errorf("team is %s", team)
		}
		return nil
	})
}

// TestBadSpec: a spec that is wrong stalls the object with file, line and hint, and sends
// nothing; the last valid one stays in use.
func TestBadSpec(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.configMap("spec", map[string]string{"fleet.yaml": "version: 1\nname: web\nsandboxes:\n  web: {cpus: 2}\n"})
	r.apply("web", "fleetFrom: [{configMap: spec}]\n")
	f := r.wait("web", v1alpha1.Stalled, metav1.ConditionTrue, "InvalidSpec")
	if text := message(f, v1alpha1.Ready); !strings.HasPrefix(text, "spec/fleet.yaml:4:9: ") || !strings.Contains(text, "write resources") {
		t.Errorf("the message is %q", text)
	}
	if len(r.sandboxes()) != 0 {
		t.Error("something was sent")
	}
	r.configMap("spec", map[string]string{"fleet.yaml": "version: 1\nname: web\nsandboxes: {web: {}}\n"})
	r.ready("web")
	r.configMap("spec", map[string]string{"fleet.yaml": "version: 1\nname: web\nsandboxes: {web: {}, api: {cpus: 2}}\n"})
	r.wait("web", v1alpha1.Stalled, metav1.ConditionTrue, "InvalidSpec")
	r.send("DELETE", "/sandbox/"+r.sandboxes()["web"].ID, "", nil)
	kubetest.Eventually(t, limit, func() error {
		if all := r.sandboxes(); len(all) != 1 || all["web"].ID == "" {
			return fmt.Errorf("sandboxes %v", all)
		}
		return nil
	})
}

// TestRefusedInput: what an object refers to and may not be used stalls it, with what to
// do, and is reconciled once that is done.
func TestRefusedInput(t *testing.T) {
	valid := "fleet: {version: 1, name: NAME, sandboxes: {NAME: {}}}\n"
	for name, test := range map[string]struct {
		spec, reason, want string
		mend               func(*rig)
	}{
		"no secret": {
			valid + "variables: [{name: x, valueFrom: {secretKeyRef: {name: absent, key: x}}}]\n", "SecretNotFound", "kubectl create secret generic absent", nil,
		},
		"no key": {
			valid + "variables: [{name: x, valueFrom: {secretKeyRef: {name: daytona, key: absent}}}]\n", "SecretNotFound", `no key "absent"`, nil,
		},
		"no configmap": {"fleetFrom: [{configMap: absent}]\n", "ConfigMapNotFound", "kubectl create configmap absent", nil},
		"local hook":   {"fleet: {version: 1, name: NAME, hooks: {before_apply: echo}, sandboxes: {NAME: {}}}\n", "InvalidSpec", "does not run commands", nil},
		"file":         {"fleet: {version: 1, name: NAME, include: /etc/passwd}\n", "InvalidSpec", "outside", nil},
		"environment":  {"fleet: {version: 1, name: NAME, sandboxes: {NAME: {env_vars: {A: {from_env: PATH}}}}}\n", "InvalidSpec", "PATH is not set", nil},
		"command":      {"fleet: {version: 1, name: NAME, sandboxes: {NAME: {env_vars: {A: {from_command: [id]}}}}}\n", "InvalidSpec", "", nil},
		"too large":    {"fleet: {version: 1, name: NAME, x-text: \"" + strings.Repeat("x", 600_000) + "\", sandboxes: {NAME: {}}}\n", "SpecTooLarge", "ConfigMaps", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, emulator.Options{})
			object := strings.ReplaceAll(name, " ", "-")
			r.apply(object, strings.ReplaceAll(test.spec, "NAME", object))
			f := r.wait(object, v1alpha1.Stalled, metav1.ConditionTrue, test.reason)
			if text := message(f, v1alpha1.Stalled); !strings.Contains(text, test.want) {
				t.Errorf("the message is %q, want %q", text, test.want)
			}
			if len(r.sandboxes()) != 0 {
				t.Error("something was sent")
			}
			r.apply(object, strings.ReplaceAll(valid, "NAME", object))
			r.ready(object)
		})
	}
}

// TestRules: namespaces may use only the Secrets, fleet names and servers that the rules
// allow them.
func TestRules(t *testing.T) {
	r := newRigWithoutOperator(t, emulator.Options{})
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(rules, []byte("rules:\n- namespaces: ['testrules-*']\n  secrets: [daytona]\n  fleets: ['team-*']\n"), 0o600))
	r.start(operator.Options{Rules: rules})
	r.secret("other", apiKey)
	r.apply("good", "fleet: {version: 1, name: team-a, sandboxes: {a: {}}}\n")
	r.ready("good")
	r.apply("name", "fleet: {version: 1, name: web, sandboxes: {b: {}}}\n")
	r.wait("name", v1alpha1.Stalled, metav1.ConditionTrue, "NotAllowed")
	r.apply("former", "fleet: {version: 1, name: team-c, moved: [{from: fleet.web, to: fleet.team-c}], sandboxes: {d: {}}}\n")
	r.wait("former", v1alpha1.Stalled, metav1.ConditionTrue, "NotAllowed")
	r.apply("secret", "fleet: {version: 1, name: team-b, sandboxes: {c: {}}}\nvariables: [{name: x, valueFrom: {secretKeyRef: {name: other, key: apiKey}}}]\n")
	r.wait("secret", v1alpha1.Stalled, metav1.ConditionTrue, "NotAllowed")
	if all := r.sandboxes(); len(all) != 1 {
		t.Errorf("sandboxes %v", all)
	}
}

// TestTaken: two objects that declare one fleet are both blocked, until one is deleted.
func TestTaken(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("one", "fleet: {version: 1, name: web, sandboxes: {a: {}}}\n")
	r.ready("one")
	r.apply("two", "fleet: {version: 1, name: web, sandboxes: {b: {}}}\n")
	f := r.wait("two", v1alpha1.Blocked, metav1.ConditionTrue, "FleetNameTaken")
	if !strings.Contains(message(f, v1alpha1.Blocked), "the object one declares") {
		t.Errorf("the message is %q", message(f, v1alpha1.Blocked))
	}
	r.wait("one", v1alpha1.Blocked, metav1.ConditionTrue, "FleetNameTaken")
	if all := r.sandboxes(); len(all) != 1 || all["a"].ID == "" {
		t.Errorf("sandboxes %v", all)
	}
	must(t, r.kube.Delete(t.Context(), r.get("two")))
	r.ready("one")
}

// TestTakenByFormerName: an object whose fleet was another one's before is a rival, too.
func TestTakenByFormerName(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.apply("one", "fleet: {version: 1, name: web, sandboxes: {a: {}}}\n")
	r.ready("one")
	r.apply("two", "fleet: {version: 1, name: new, moved: [{from: fleet.web, to: fleet.new}], sandboxes: {a: {}}}\nallowDestroy: 10\n")
	r.wait("two", v1alpha1.Blocked, metav1.ConditionTrue, "FleetNameTaken")
	if all := r.sandboxes(); len(all) != 1 || all["a"].Labels["fleet-name"] != "web" {
		t.Errorf("sandboxes %v", all)
	}
}

// TestTooManyFiles: the files of one spec have a limit together.
func TestTooManyFiles(t *testing.T) {
	r := newRig(t, emulator.Options{})
	from := "fleetFrom:\n"
	for i := range 6 {
		name := fmt.Sprint("big-", i)
		r.configMap(name, map[string]string{"fleet.yaml": "version: 1\nname: web\n", "big": strings.Repeat("x", 900_000)})
		from += "- {configMap: " + name + "}\n"
	}
	r.apply("web", from)
	r.wait("web", v1alpha1.Stalled, metav1.ConditionTrue, "SpecTooLarge")
}

// TestOtherServer: a fleet of the same name on another server is another fleet, also if that
// server reports the id of the same organisation.
func TestOtherServer(t *testing.T) {
	r := newRig(t, emulator.Options{})
	spec := "fleet: {version: 1, name: web, sandboxes: {a: {}}}\n"
	r.apply("one", spec)
	one := r.ready("one")
	r.server = newDaytona(t, emulator.Options{})
	r.apply("two", spec)
	two := r.ready("two")
	r.ready("one")
	if one.Status.Organization != two.Status.Organization {
		t.Errorf("the organisations are %s and %s", one.Status.Organization, two.Status.Organization)
	}
}
