package failover_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/lease"
)

// A rig is an API server with a namespace, a Daytona, and replicas of the operator.
type rig struct {
	t        *testing.T
	env      *kubetest.Env
	kube     client.Client
	daytona  *daytona
	program  string // path of the operator
	shards   int
	fleets   int
	count    int // sandboxes of each fleet
	shard    func(namespace, fleet string) int
	replicas []*replica
	want     map[string]string // labels and variables of all sandboxes
}

// newRig starts a rig with three replicas.
func newRig(t *testing.T, program string, shards, fleets, count int) *rig {
	t.Helper()
	env := kubetest.New(t)
	env.InstallCRDs(t)
	s := runtime.NewScheme()
	must(t, clientgoscheme.AddToScheme(s))
	must(t, v1alpha1.AddToScheme(s))
	kube, err := client.New(env.Admin(), client.Options{Scheme: s})
	must(t, err)
	owner, err := lease.New(env.Admin(), lease.Options{Shards: shards})
	must(t, err)
	r := &rig{t: t, env: env, kube: kube, program: program, shards: shards, fleets: fleets, count: count, shard: owner.Shard}
	r.daytona = newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: time.Second, Delete: time.Second}})
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "daytona"}, StringData: map[string]string{"apiKey": apiKey}}
	must(t, kube.Create(t.Context(), secret))
	r.prepareLeases()
	r.complete()
	r.awaitHolders()
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const leaseName = "fleet-operator"

// prepareLeases creates the leases as a former holder released them: a replica waits until
// an unknown one must have expired.
func (r *rig) prepareLeases() {
	r.t.Helper()
	for shard := range r.shards {
		duration, holder := int32(1), ""
		must(r.t, r.kube.Create(r.t.Context(), &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Namespace: r.env.Namespace, Name: fmt.Sprintf("%s-%d", leaseName, shard)},
			Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &duration},
		}))
	}
}

// replicas is the number of replicas that run.
const replicas = 3

// complete starts replicas until all run.
func (r *rig) complete() {
	r.t.Helper()
	running := 0
	for _, x := range r.replicas {
		if !x.hasEnded() {
			running++
		}
	}
	for ; running < replicas; running++ {
		r.start()
	}
}

// An edit is a state of the specs of all fleets.
type edit struct {
	team    string // label that changes in place
	version string // variable that replaces
}

// apply applies the objects of all fleets.
func (r *rig) apply(e edit) {
	r.t.Helper()
	for i := range r.fleets {
		text := fmt.Sprintf(`
apiVersion: daytona.fleet/v1alpha1
kind: Fleet
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  server: {url: %[3]q, credentials: {secret: daytona}}
  allowDestroy: %[4]d
  fleet: {version: 1, name: %[1]s, sandboxes: {%[1]s: {count: %[4]d, labels: {team: %[5]q, version: %[6]q}, env_vars: {VERSION: %[6]q}}}}
`, fleetName(i), r.env.Namespace, daytonaURL, r.count, e.team, e.version)
		u := &unstructured.Unstructured{}
		must(r.t, yaml.Unmarshal([]byte(text), &u.Object))
		must(r.t, r.kube.Apply(r.t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("user"), client.ForceOwnership))
	}
	r.want = map[string]string{"team": e.team, "version": e.version}
}

func fleetName(i int) string { return fmt.Sprintf("f%02d", i) }

// awaitReady waits until all fleets are in sync.
func (r *rig) awaitReady() {
	r.t.Helper()
	r.await(func(f *v1alpha1.Fleet) error {
		if f.Status.ObservedGeneration != f.Generation || !meta.IsStatusConditionTrue(f.Status.Conditions, v1alpha1.Ready) {
			text, _ := yaml.Marshal(f.Status)
			return fmt.Errorf("%s is not ready:\n%s", f.Name, text)
		}
		return nil
	})
}

// await waits until check returns nil for all fleets.
func (r *rig) await(check func(f *v1alpha1.Fleet) error) {
	r.t.Helper()
	kubetest.Eventually(r.t, limit, func() error {
		list := &v1alpha1.FleetList{}
		if err := r.kube.List(r.t.Context(), list, client.InNamespace(r.env.Namespace)); err != nil {
			return err
		}
		if len(list.Items) != r.fleets {
			return fmt.Errorf("%d fleets", len(list.Items))
		}
		for i := range list.Items {
			if err := check(&list.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// awaitAny waits until check returns true for a fleet of some shards.
func (r *rig) awaitAny(shards []int, check func(f *v1alpha1.Fleet) bool) {
	r.t.Helper()
	kubetest.Eventually(r.t, limit, func() error {
		list := &v1alpha1.FleetList{}
		if err := r.kube.List(r.t.Context(), list, client.InNamespace(r.env.Namespace)); err != nil {
			return err
		}
		for i := range list.Items {
			f := &list.Items[i]
			if slices.Contains(shards, r.shard(f.Namespace, f.Name)) && check(f) {
				return nil
			}
		}
		return errNotYet
	})
}
