package operator

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/go-logr/logr"
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
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/controller"
	"fleet/operator/internal/fence"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// Run runs the operator until ctx ends.
func Run(ctx context.Context, o Options) error {
	if o.Version {
		fmt.Println(Version())
		return nil
	}
	ctrl.SetLogger(newLogger(os.Stderr))
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("no cluster to connect to: %w", err)
	}
	return Reconcile(ctx, config, o)
}

// Reconcile runs the operator in the cluster of a configuration until ctx ends.
func Reconcile(ctx context.Context, config *rest.Config, o Options) error {
	m, err := newManager(config, o)
	if err != nil {
		return err
	}
	r, err := newReconciler(m, o)
	if err != nil {
		return err
	}
	if err := r.Setup(ctx, m, o.Workers, o.WatchSecrets); err != nil {
		return err
	}
	return m.Start(ctx)
}

// newScheme returns the types that the operator knows.
func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(v1alpha1.AddToScheme(s))
	return s
}

// newManager returns a manager whose writing requests pass a fence.
func newManager(config *rest.Config, o Options) (ctrl.Manager, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // the API server limits requests by priority and fairness
	config.UserAgent = "fleet-operator/" + Version()
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &fence.Transport{Next: next, Exempt: fence.ExemptKubernetes}
	})
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
func newReconciler(m ctrl.Manager, o Options) (*controller.Reconciler, error) {
	var rules *source.Rules
	if o.Rules != "" {
		var err error
		if rules, err = source.ReadRules(o.Rules); err != nil {
			return nil, err
		}
	}
	organizations := organization.NewRegistry(organization.Options{
		Version: Version(), Fence: func(next http.RoundTripper) http.RoundTripper { return &fence.Transport{Next: next} },
	})
	return &controller.Reconciler{
		Client: m.GetClient(), Reader: m.GetAPIReader(), Recorder: m.GetEventRecorder(controller.FieldManager),
		Organizations: organizations, Loader: &source.Loader{Reader: m.GetAPIReader(), Dir: o.Dir, Rules: rules},
		Owner: sole{}, Version: Version(),
	}, nil
}

// newLogger returns a logger that writes lines of text.
func newLogger(w *os.File) logr.Logger { return textLogger(w) }
