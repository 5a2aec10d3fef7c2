package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/operator"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	kubetest.Main(m)
}

// limit ends tests that hang.
const limit = 30 * time.Second

// A rig is an API server with a namespace, a Daytona, and an operator for them.
type rig struct {
	t      *testing.T
	env    *kubetest.Env
	kube   client.Client
	server *daytona
	errs   chan error
	end    context.CancelFunc
}

// newRig starts a rig. The operator ends with the test.
func newRig(t *testing.T, o emulator.Options) *rig {
	t.Helper()
	r := newRigWithoutOperator(t, o)
	r.start(operator.Options{})
	return r
}

// newRigWithoutOperator is newRig without an operator.
func newRigWithoutOperator(t *testing.T, o emulator.Options) *rig {
	t.Helper()
	env := kubetest.New(t)
	env.InstallCRDs(t)
	s := runtime.NewScheme()
	must(t, clientgoscheme.AddToScheme(s))
	must(t, v1alpha1.AddToScheme(s))
	kube, err := client.New(env.Admin(), client.Options{Scheme: s})
	must(t, err)
	r := &rig{t: t, env: env, kube: kube, server: newDaytona(t, o)}
	t.Cleanup(r.removeFleets)
	r.secret("daytona", apiKey)
	return r
}

// removeFleets deletes all Fleet objects, after the operator has ended: all emulated Daytonas
// have the same organisation, in which the next test may use the same names.
func (r *rig) removeFleets() {
	list := &v1alpha1.FleetList{}
	must(r.t, r.kube.List(context.Background(), list, client.InNamespace(r.env.Namespace)))
	for i := range list.Items {
		f := &list.Items[i]
		patch := client.MergeFrom(f.DeepCopy())
		f.Finalizers = nil
		must(r.t, r.kube.Patch(context.Background(), f, patch))
		must(r.t, client.IgnoreNotFound(r.kube.Delete(context.Background(), f)))
	}
}

// start starts an operator for the namespace.
func (r *rig) start(o operator.Options) {
	r.t.Helper()
	o.Namespaces, o.Workers, o.MetricsAddr, o.ProbeAddr = []string{r.env.Namespace}, 20, "0", "0"
	o.Dir, o.WatchSecrets, o.LeaseNS, o.LeaseName, o.Shards = r.t.TempDir(), true, r.env.Namespace, "fleet-operator", max(o.Shards, 1)
	r.prepareLeases(o.LeaseName, o.Shards)
	ctx, cancel := context.WithCancel(context.Background())
	r.end, r.errs = cancel, make(chan error, 1)
	go func() { r.errs <- operator.Reconcile(ctx, r.env.Admin(), o, nil) }()
	r.t.Cleanup(r.stop)
}

// prepareLeases creates the leases as a former holder released them: a replica waits until
// an unknown one must have expired.
func (r *rig) prepareLeases(name string, shards int) {
	r.t.Helper()
	for shard := range shards {
		duration, holder := int32(1), ""
		l := &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Namespace: r.env.Namespace, Name: fmt.Sprintf("%s-%d", name, shard)},
			Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &duration},
		}
		must(r.t, client.IgnoreAlreadyExists(r.kube.Create(r.t.Context(), l)))
	}
}

// stop stops the operator, and waits for its end.
func (r *rig) stop() {
	if r.end == nil {
		return
	}
	r.end()
	if err := <-r.errs; err != nil {
		r.t.Errorf("the operator ended: %v", err)
	}
	r.end = nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// secret writes a Secret with an API key.
func (r *rig) secret(name, key string) {
	r.t.Helper()
	r.applyObject(&corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: map[string]string{"apiKey": key},
	})
}

// applyObject applies an object in the namespace.
func (r *rig) applyObject(o runtime.Object) {
	r.t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	must(r.t, err)
	u := &unstructured.Unstructured{Object: content}
	unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(content, "status")
	u.SetNamespace(r.env.Namespace)
	must(r.t, r.kube.Apply(r.t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("user"), client.ForceOwnership))
}

// apply applies the fields of a Fleet object, as YAML without its head and its server.
func (r *rig) apply(name, spec string) {
	r.t.Helper()
	must(r.t, r.tryApply(name, spec))
}

// tryApply is apply that may fail.
func (r *rig) tryApply(name, spec string) error {
	text := fmt.Sprintf("apiVersion: daytona.fleet/v1alpha1\nkind: Fleet\nmetadata: {name: %s, namespace: %s}\nspec:\n  server: {url: %q, credentials: {secret: daytona}}\n%s",
		name, r.env.Namespace, r.server.URL, indent(spec))
	u := &unstructured.Unstructured{}
	must(r.t, yaml.Unmarshal([]byte(text), &u.Object))
	return r.kube.Apply(r.t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("user"), client.ForceOwnership)
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
}

// get reads a Fleet object.
func (r *rig) get(name string) *v1alpha1.Fleet {
	r.t.Helper()
	f := &v1alpha1.Fleet{}
	must(r.t, r.kube.Get(r.t.Context(), client.ObjectKey{Namespace: r.env.Namespace, Name: name}, f))
	return f
}

// annotate sets an annotation; an empty value removes it.
func (r *rig) annotate(name, key, value string) {
	r.t.Helper()
	f := r.get(name)
	patch := client.MergeFrom(f.DeepCopy())
	if f.Annotations == nil {
		f.Annotations = map[string]string{}
	}
	f.Annotations[key] = value
	if value == "" {
		delete(f.Annotations, key)
	}
	must(r.t, r.kube.Patch(r.t.Context(), f, patch))
}

// wait waits until a condition of the current generation has a status and a reason.
func (r *rig) wait(name, kind string, is metav1.ConditionStatus, reason string) *v1alpha1.Fleet {
	r.t.Helper()
	var f *v1alpha1.Fleet
	kubetest.Eventually(r.t, limit, func() error {
		f = r.get(name)
		c := meta.FindStatusCondition(f.Status.Conditions, kind)
		if f.Status.ObservedGeneration != f.Generation || c == nil || c.Status != is || c.Reason != reason {
			text, _ := yaml.Marshal(f.Status)
			return fmt.Errorf("waiting for %s=%s %s of generation %d:\n%s", kind, is, reason, f.Generation, text)
		}
		return nil
	})
	return f
}

// ready waits until the object is in sync.
func (r *rig) ready(name string) *v1alpha1.Fleet {
	r.t.Helper()
	return r.wait(name, v1alpha1.Ready, metav1.ConditionTrue, "InSync")
}

// message returns the message of a condition.
func message(f *v1alpha1.Fleet, kind string) string {
	if c := meta.FindStatusCondition(f.Status.Conditions, kind); c != nil {
		return c.Message
	}
	return ""
}

// send sends a request to the Daytona as another client, and decodes the response.
func (r *rig) send(method, path, body string, into any) {
	r.t.Helper()
	r.sendTo(method, r.server.URL+path, body, into)
}

// control changes the Daytona itself.
func (r *rig) control(method, what, body string) {
	r.t.Helper()
	r.sendTo(method, strings.TrimSuffix(r.server.URL, "/api")+"/_emulator/"+what, body, nil)
}

func (r *rig) sendTo(method, url, body string, into any) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, url, strings.NewReader(body))
	must(r.t, err)
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	must(r.t, err)
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		r.t.Fatalf("%s %s: %s", method, url, res.Status)
	}
	if into != nil {
		must(r.t, json.NewDecoder(res.Body).Decode(into))
	}
}

// A sandbox is a sandbox as the server lists it.
type sandbox struct {
	ID, Name, State string
	Labels          map[string]string
}

// sandboxes returns all sandboxes, by name.
func (r *rig) sandboxes() map[string]sandbox {
	r.t.Helper()
	var list struct{ Items []sandbox }
	r.send("GET", "/sandbox?limit=200", "", &list)
	byName := map[string]sandbox{}
	for _, s := range list.Items {
		byName[s.Name] = s
	}
	return byName
}
