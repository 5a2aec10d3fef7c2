package controller

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	ctrlsource "sigs.k8s.io/controller-runtime/pkg/source"

	"fleet/operator/api/v1alpha1"
)

// Indexes of objects by the names of Secrets and ConfigMaps.
const (
	secretIndex    = "secret"
	configMapIndex = "configMap"
)

// Setup adds the reconciler to a manager. workers is the number of fleets that are
// reconciled at the same time; watch means that changes of Secrets and ConfigMaps are seen
// at once.
func (r *Reconciler) Setup(ctx context.Context, m ctrl.Manager, workers int, watch bool) error {
	indexes := map[string]client.IndexerFunc{claimIndex: indexClaim, secretIndex: indexSecrets, configMapIndex: indexConfigMaps}
	for name, f := range indexes {
		if err := m.GetFieldIndexer().IndexField(ctx, &v1alpha1.Fleet{}, name, f); err != nil {
			return err
		}
	}
	b := ctrl.NewControllerManagedBy(m).Named("fleet").
		For(&v1alpha1.Fleet{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		Watches(&v1alpha1.Fleet{}, r.interrupts()).
		Watches(&v1alpha1.Fleet{}, r.enqueueRivals(), builder.WithPredicates(claimChanged)).
		WatchesRawSource(ctrlsource.Func(r.wakeups.start)).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers})
	if watch {
		changed := builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})
		b = b.WatchesMetadata(&corev1.Secret{}, r.enqueueUsers(secretIndex), changed).
			WatchesMetadata(&corev1.ConfigMap{}, r.enqueueUsers(configMapIndex), changed)
	}
	return b.Complete(r)
}

// gone is what an object asks for that no longer exists.
var gone = order{generation: math.MaxInt64}

// interrupts ends the passes of objects that were edited or deleted. It enqueues nothing.
func (r *Reconciler) interrupts() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ queue) {
			r.sessions.interrupt(client.ObjectKeyFromObject(e.ObjectNew), orderOf(e.ObjectNew))
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, _ queue) {
			r.sessions.interrupt(client.ObjectKeyFromObject(e.Object), gone)
		},
	}
}

// enqueueUsers enqueues the objects that refer to a Secret or ConfigMap.
func (r *Reconciler) enqueueUsers(index string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
		users := &v1alpha1.FleetList{}
		if err := r.Client.List(ctx, users, client.InNamespace(o.GetNamespace()), client.MatchingFields{index: o.GetName()}); err != nil {
			return nil // the cache has the index; the next comparison reads the object in any case
		}
		var list []reconcile.Request
		for i := range users.Items {
			list = append(list, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&users.Items[i])})
		}
		return list
	})
}

// indexSecrets returns the Secrets that an object refers to.
func indexSecrets(o client.Object) []string {
	f, ok := o.(*v1alpha1.Fleet)
	if !ok {
		return nil
	}
	list := []string{f.Spec.Server.Credentials.Secret}
	for _, v := range slices.Concat(f.Spec.Variables, f.Spec.Env) {
		if v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil {
			list = append(list, v.ValueFrom.SecretKeyRef.Name)
		}
	}
	return unique(list)
}

// indexConfigMaps returns the ConfigMaps that an object refers to.
func indexConfigMaps(o client.Object) []string {
	f, ok := o.(*v1alpha1.Fleet)
	if !ok {
		return nil
	}
	var list []string
	for _, from := range f.Spec.FleetFrom {
		list = append(list, from.ConfigMap)
	}
	for _, v := range slices.Concat(f.Spec.Variables, f.Spec.Env) {
		if v.ValueFrom != nil && v.ValueFrom.ConfigMapKeyRef != nil {
			list = append(list, v.ValueFrom.ConfigMapKeyRef.Name)
		}
	}
	return unique(list)
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// claimChanged passes what changes which object declares a fleet.
var claimChanged = predicate.Funcs{
	CreateFunc:  func(e event.CreateEvent) bool { return len(indexClaim(e.Object)) > 0 },
	UpdateFunc:  func(e event.UpdateEvent) bool { return !slices.Equal(indexClaim(e.ObjectOld), indexClaim(e.ObjectNew)) },
	DeleteFunc:  func(e event.DeleteEvent) bool { return len(indexClaim(e.Object)) > 0 },
	GenericFunc: func(event.GenericEvent) bool { return false },
}

// enqueueRivals enqueues the other objects that declare the fleet of an object: they are
// blocked by it, or are no longer blocked.
func (r *Reconciler) enqueueRivals() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
		rivals, err := r.readClaims(ctx, indexClaim(o))
		if err != nil {
			return nil // the cache has the index
		}
		var list []reconcile.Request
		for i := range rivals.Items {
			if rivals.Items[i].UID != o.GetUID() {
				list = append(list, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&rivals.Items[i])})
			}
		}
		return list
	})
}

// wakeups enqueue objects whose fleets may have changed on the platform. The zero wakeups
// drop all until start.
type wakeups struct {
	mu    sync.Mutex
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

// gather is the time in which events of a fleet share a pass.
const gather = 200 * time.Millisecond

// start is a source of a controller.
func (w *wakeups) start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = queue
	return nil
}

// wake enqueues an object whose fleet changed.
func (w *wakeups) wake(key types.NamespacedName) { w.add(key, 0) }

// resync enqueues an object whose fleet is to be compared again, for no reason of its own:
// new work comes first.
func (w *wakeups) resync(key types.NamespacedName) { w.add(key, resyncPriority) }

func (w *wakeups) add(key types.NamespacedName, priority int) {
	w.mu.Lock()
	queue := w.queue
	w.mu.Unlock()
	req := reconcile.Request{NamespacedName: key}
	switch q := queue.(type) {
	case nil:
	case priorityqueue.PriorityQueue[reconcile.Request]:
		q.AddWithOpts(priorityqueue.AddOpts{After: gather, Priority: &priority}, req)
	default:
		q.AddAfter(req, gather)
	}
}
