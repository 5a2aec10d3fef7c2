// Package kubetest starts a real API server of Kubernetes for tests.
//
// Each test binary has one server, that the first New starts and Main stops. Each test has a
// namespace of its own.
package kubetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"fleet/operator/internal/kubetest/binaries"
)

// NeedsVariable is the environment variable that makes New fail instead of skip where the
// programs of Kubernetes are missing, if it is 1.
const NeedsVariable = "FLEET_NEEDS_KUBE"

// An Env is an API server, and a namespace in it that belongs to one test.
type Env struct {
	Namespace string
	server    *server
}

var shared = sync.OnceValues(startShared)

// running is the shared server, once it has started.
var running struct {
	sync.Mutex
	server *server
}

func startShared() (*server, error) {
	root, err := binaries.Root()
	if err != nil {
		return nil, err
	}
	dir, err := binaries.Dir(root)
	if err != nil {
		return nil, err
	}
	if err := binaries.Check(root, dir); err != nil {
		return nil, err
	}
	s, err := start(root, dir)
	running.Lock()
	defer running.Unlock()
	running.server = s
	return s, err
}

// Main runs the tests of a package, stops the API server that they used, and ends the
// process. TestMain calls it. On Linux, the server also ends when the process is killed.
func Main(m *testing.M) {
	code := m.Run()
	running.Lock()
	if running.server != nil {
		running.server.stop()
	}
	os.Exit(code)
}

// New returns the API server of the test binary with a new namespace. It skips the test if
// the programs were not built.
func New(t testing.TB) *Env {
	t.Helper()
	s, err := shared()
	switch {
	case errors.Is(err, binaries.ErrMissing) && os.Getenv(NeedsVariable) != "1":
		t.Skipf("needs an API server: run `make kube` in operator (%v)", err)
	case err != nil:
		t.Fatalf("starting the API server: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix(t.Name())}}
	namespace, err = kubernetes.NewForConfigOrDie(s.admin).CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("creating a namespace: %v", err)
	}
	return &Env{Namespace: namespace.Name, server: s}
}

// Admin returns the configuration of a client that may do anything.
func (e *Env) Admin() *rest.Config {
	return rest.CopyConfig(e.server.admin)
}

// Client returns a client that may do anything.
func (e *Env) Client() *kubernetes.Clientset {
	return kubernetes.NewForConfigOrDie(e.Admin())
}

// prefix returns the name of a test as the start of the name of an object.
func prefix(test string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(test))
	return fmt.Sprintf("%.40s-", strings.Trim(name, "-"))
}
