package failover_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/operator"
)

// arguments is the variable that makes the test binary an operator with these arguments.
const arguments = "FAILOVER_TEST_ARGUMENTS"

func TestMain(m *testing.M) {
	args := os.Getenv(arguments)
	if args == "" {
		kubetest.Main(m)
	}
	o, err := operator.ParseFlags(strings.Fields(args), os.Stderr)
	if err == nil {
		err = operator.Run(ctrl.SetupSignalHandler(), o)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A rig is an API server, a Daytona, and replicas of the operator in processes of their own.
type rig struct {
	env    *kubetest.Env
	site   *site
	config string // of kubectl
}

func newRig(t *testing.T, shards int) *rig {
	t.Helper()
	env := kubetest.New(t)
	env.InstallCRDs(t)
	r := &rig{env: env, site: newSite(t), config: env.Kubeconfig(t, env.Admin())}
	r.apply(t, "{apiVersion: v1, kind: Secret, metadata: {name: daytona}, stringData: {apiKey: "+apiKey+"}}")
	for shard := range shards {
		// As its former holder released it, so that it is taken over at once.
		r.apply(t, fmt.Sprintf(`{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: fleet-operator-%d}, spec: {holderIdentity: "", leaseDurationSeconds: 1}}`, shard))
	}
	return r
}

// kubectl runs kubectl, and returns its output.
func (r *rig) kubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), r.env.Kubectl(), append(args, "--kubeconfig="+r.config)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (r *rig) apply(t *testing.T, object string) {
	t.Helper()
	r.kubectl(t, object, "apply", "--server-side", "--field-manager=user", "-f", "-")
}

// fleet applies a Fleet object of some sandboxes, all with one label.
func (r *rig) fleet(t *testing.T, name string, count int, team string) {
	t.Helper()
	r.apply(t, fmt.Sprintf(`
apiVersion: daytona.fleet/v1alpha1
kind: Fleet
metadata: {name: %[1]s}
spec:
  server: {url: %[2]q, credentials: {secret: daytona}}
  fleet: {version: 1, name: %[1]s, sandboxes: {%[1]s: {count: %[3]d, labels: {team: %[4]s}}}}
`, name, server, count, team))
}

// inSync returns an error unless a fleet is as its spec declares it.
func (r *rig) inSync(t *testing.T, name string, count int) error {
	var f struct {
		Metadata struct{ Generation int64 }
		Status   struct {
			ObservedGeneration int64
			Sandboxes          string
			Conditions         []struct{ Type, Status, Reason, Message string }
		}
	}
	if err := json.Unmarshal([]byte(r.kubectl(t, "", "get", "fleet", name, "-o", "json")), &f); err != nil {
		return err
	}
	for _, c := range f.Status.Conditions {
		if c.Type == "Ready" && c.Status == "True" && f.Status.ObservedGeneration == f.Metadata.Generation && f.Status.Sandboxes == fmt.Sprintf("%d/%d", count, count) {
			return nil
		}
	}
	return fmt.Errorf("fleet %s of generation %d: %+v", name, f.Metadata.Generation, f.Status)
}

// A replica is an operator in a process of its own.
type replica struct {
	*kubetest.Program
	name    string
	user    string // in the audit log
	network *kubetest.Network
}

// start starts a replica with a service account of its own.
func (r *rig) start(t *testing.T, name string, shards int) *replica {
	t.Helper()
	all := []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}
	config := r.env.ServiceAccount(t, name, kubetest.Access{Namespace: all})
	network := kubetest.NewNetwork(t, config)
	args := fmt.Sprintf("--namespaces=%[1]s --lease-namespace=%[1]s --shards=%[2]d --metrics-bind-address=0 --health-probe-bind-address=0 --temp-dir=%[3]s", r.env.Namespace, shards, t.TempDir())
	env := append(r.site.proxy(t, name), arguments+"="+args, "KUBECONFIG="+r.env.Kubeconfig(t, config))
	p := kubetest.StartProgram(t, env...)
	return &replica{Program: p, name: name, user: "system:serviceaccount:" + r.env.Namespace + ":" + name, network: network}
}
