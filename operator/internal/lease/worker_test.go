package lease_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/lease"
)

// Variables of the environment of a worker, which is this test binary in a process of its own.
const (
	workerConfig    = "LEASE_TEST_KUBECONFIG"
	workerNamespace = "LEASE_TEST_NAMESPACE"
	workerShards    = "LEASE_TEST_SHARDS"
	workerStubborn  = "LEASE_TEST_STUBBORN"
)

// The exit code of a worker that lost its lease.
const exitLost = 3

func TestMain(m *testing.M) {
	if os.Getenv(workerConfig) != "" {
		if err := work(); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	kubetest.Main(m)
}

// work takes part in the election, and writes for each shard that it holds, many
// times a second. It prints a line for each step.
func work() error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv(workerConfig))
	if err != nil {
		return err
	}
	shards, err := strconv.Atoi(os.Getenv(workerShards))
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	w := &worker{namespace: os.Getenv(workerNamespace), stubborn: os.Getenv(workerStubborn) != ""}
	replica, err := lease.New(config, lease.Options{
		Namespace: w.namespace, Name: "test", Shards: shards, Drain: 5 * time.Second,
		Gained: w.gained,
		Lost: func(err error) {
			fmt.Println("lost", err)
			os.Exit(exitLost)
		},
	})
	if err != nil {
		return err
	}
	fmt.Println("identity", replica.Identity())
	config.UserAgent = replica.Identity()
	config.QPS = -1
	config.Wrap(replica.Transport)
	if w.client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	w.replica = replica
	close(w.ready())
	err = replica.Run(ctx)
	w.running.Wait()
	return err
}

type worker struct {
	namespace string
	stubborn  bool
	replica   *lease.Replica
	client    kubernetes.Interface
	running   sync.WaitGroup

	once  sync.Once
	begun chan struct{}
}

func (w *worker) ready() chan struct{} {
	w.once.Do(func() { w.begun = make(chan struct{}) })
	return w.begun
}

func (w *worker) gained(shard int) {
	fmt.Println("gained", shard)
	w.running.Go(func() { w.write(shard) })
}

// write writes to the ConfigMap of a shard until the shard is given up. A stubborn worker does
// not stop then.
func (w *worker) write(shard int) {
	<-w.ready()
	name := fleetOf(w.replica, w.namespace, shard)
	ctx, done, ok := w.replica.Begin(context.Background(), w.namespace, name)
	if !ok {
		return
	}
	defer done()
	var ended bool
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for i := 0; ; i++ {
		<-pace.C
		if ctx.Err() != nil && !ended {
			ended = true
			fmt.Println("stopping", shard)
		}
		if ended && !w.stubborn {
			fmt.Println("stopped", shard)
			return
		}
		patch := fmt.Appendf(nil, `{"data":{"i":"%d"}}`, i)
		request := ctx
		if ended {
			request = context.WithoutCancel(ctx)
		}
		_, err := w.client.CoreV1().ConfigMaps(w.namespace).Patch(request, writes(shard), types.MergePatchType, patch, metav1.PatchOptions{})
		if ended && errors.Is(err, lease.ErrFenced) {
			fmt.Println("fenced", shard)
			return
		}
	}
}

// writes returns the name of the ConfigMap of a shard.
func writes(shard int) string { return "writes-" + strconv.Itoa(shard) }

// fleetOf returns the name of a fleet in a shard.
func fleetOf(o lease.Owner, namespace string, shard int) string {
	for i := 0; ; i++ {
		if name := fmt.Sprint("fleet-", i); o.Shard(namespace, name) == shard {
			return name
		}
	}
}
