package lease_test

import (
	"strconv"
	"testing"

	"k8s.io/client-go/rest"

	"fleet/operator/internal/kubetest"
)

// A replica is a worker in a process of its own.
type replica struct {
	*kubetest.Program
	identity string
}

type settings struct {
	config   *rest.Config // nil: that of the admin
	shards   int          // 0: 1
	stubborn bool
}

// startReplica starts a worker, and waits until it prints its identity.
func startReplica(t *testing.T, env *kubetest.Env, s settings) *replica {
	t.Helper()
	if s.config == nil {
		s.config = env.Admin()
	}
	variables := []string{workerConfig + "=" + env.Kubeconfig(t, s.config), workerNamespace + "=" + env.Namespace, workerShards + "=" + strconv.Itoa(max(1, s.shards))}
	if s.stubborn {
		variables = append(variables, workerStubborn+"=1")
	}
	r := &replica{Program: kubetest.StartProgram(t, variables...)}
	r.identity = r.Await(t, "identity ")
	return r
}
