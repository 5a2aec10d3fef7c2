package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"fleet/internal/input"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/controller"
	"fleet/operator/internal/lease"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// Run runs the operator until ctx ends.
func Run(ctx context.Context, o Options) error {
	if o.Version {
		fmt.Println(Version())
		return nil
	}
	setCollection()
	log := textLogger(os.Stderr)
	ctrl.SetLogger(log)
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("no cluster to connect to: %w", err)
	}
	return Reconcile(ctx, config, o, func(err error) {
		log.Error(err, "A lease was lost. The process ends, so that nothing is written twice.")
		os.Exit(1)
	})
}

// drain is how long the work for fleets that are given up may continue.
const drain = 20 * time.Second

// Reconcile runs the operator in the cluster of a configuration until ctx ends. lost is
// called when a lease was lost; it should end the process.
func Reconcile(ctx context.Context, config *rest.Config, o Options, lost func(error)) error {
	namespace, err := leaseNamespace(o)
	if err != nil {
		return err
	}
	gained := make(chan int, o.Shards)
	replica, err := lease.New(config, lease.Options{
		Namespace: namespace, Name: o.LeaseName, Shards: o.Shards, Drain: drain, Lost: lost, Log: ctrl.Log.WithName("lease"),
		Gained: func(shard int) { gained <- shard },
	})
	if err != nil {
		return err
	}
	m, err := newManager(config, o, replica)
	if err != nil {
		return err
	}
	r, err := newReconciler(m, o, replica)
	if err != nil {
		return err
	}
	if err := r.Setup(ctx, m, o.Workers, o.WatchSecrets); err != nil {
		return err
	}
	if err := m.Add(manager.RunnableFunc(func(ctx context.Context) error { return resume(ctx, r, replica, gained) })); err != nil {
		return err
	}
	if err := run(ctx, m, replica); err != nil { // a pass may still run
		return err
	}
	r.Close()
	return nil
}

// run runs the manager and the election until ctx ends or one of them fails. Leases are
// released after the last write.
func run(ctx context.Context, m ctrl.Manager, replica *lease.Replica) error {
	managed, stopManager := context.WithCancel(ctx)
	defer stopManager()
	elected, stopElection := context.WithCancel(context.WithoutCancel(ctx))
	defer stopElection()
	ended := make(chan error, 1)
	go func() {
		err := replica.Run(elected)
		stopManager()
		ended <- err
	}()
	err := m.Start(managed)
	stopElection()
	return errors.Join(err, <-ended)
}

// resume reconciles the fleets of shards that this replica has gained, until ctx ends.
func resume(ctx context.Context, r *controller.Reconciler, replica *lease.Replica, gained <-chan int) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case shard := <-gained:
			err := r.Resume(ctx, func(namespace, name string) bool { return replica.Shard(namespace, name) == shard })
			if err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// namespaceFile holds the namespace of a pod.
const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// maxNamespace is the number of bytes of the longest name of a namespace, with room.
const maxNamespace = 1 << 10

// leaseNamespace returns the namespace of the leases.
func leaseNamespace(o Options) (string, error) {
	if o.LeaseNS != "" {
		return o.LeaseNS, nil
	}
	text, err := input.ReadRegular(namespaceFile, maxNamespace)
	if err != nil {
		return "", fmt.Errorf("--lease-namespace is required outside of a pod: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// newScheme returns the types that the operator knows.
func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(v1alpha1.AddToScheme(s))
	return s
}

// newManager returns a manager whose writing requests pass a fence.
func newManager(config *rest.Config, o Options, replica *lease.Replica) (ctrl.Manager, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // the API server limits requests by priority and fairness
	config.UserAgent = "fleet-operator/" + Version()
	config.Wrap(replica.Transport)
	config.Dial = lease.Dialer().DialContext
	skip := true // a process has one controller; tests have several operators
	options := ctrl.Options{
		Controller:             ctrlconfig.Controller{SkipNameValidation: &skip},
		Scheme:                 newScheme(),
		Metrics:                metricsserver.Options{BindAddress: o.MetricsAddr},
		HealthProbeBindAddress: o.ProbeAddr,
		Cache:                  cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
		Client:                 client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
	}
	for _, ns := range o.Namespaces {
		if options.Cache.DefaultNamespaces == nil {
			options.Cache.DefaultNamespaces = map[string]cache.Config{}
		}
		options.Cache.DefaultNamespaces[ns] = cache.Config{}
	}
	m, err := ctrl.NewManager(config, options)
	if err != nil {
		return nil, err
	}
	if err := m.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, err
	}
	return m, m.AddReadyzCheck("cache", func(req *http.Request) error {
		if !m.GetCache().WaitForCacheSync(req.Context()) {
			return errNotSynced
		}
		return nil
	})
}

// newReconciler returns the reconciler of a manager.
func newReconciler(m ctrl.Manager, o Options, replica *lease.Replica) (*controller.Reconciler, error) {
	var rules *source.Rules
	if o.Rules != "" {
		var err error
		if rules, err = source.ReadRules(o.Rules); err != nil {
			return nil, err
		}
	}
	dir, err := specDir(o.Dir)
	if err != nil {
		return nil, err
	}
	organizations := organization.NewRegistry(organization.Options{
		Version: Version(), Fence: func(next http.RoundTripper) http.RoundTripper { return fenced{next} },
		Dial: lease.Dialer().DialContext, Places: max(1, o.Workers/2),
	})
	return &controller.Reconciler{
		Client: m.GetClient(), Reader: m.GetAPIReader(), Recorder: m.GetEventRecorder(controller.FieldManager),
		Organizations: organizations, Loader: &source.Loader{Reader: m.GetAPIReader(), Dir: dir, Rules: rules},
		Owner: replica, Version: Version(), Namespaces: o.Namespaces,
	}, nil
}

// specDir returns an empty directory for the files of specs. In a container the process id
// is the same after a restart: what a killed process left is removed.
func specDir(base string) (string, error) {
	dir := filepath.Join(base, fmt.Sprintf("fleet-operator-%d", os.Getpid()))
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}
