package controller

import (
	"context"
	"fmt"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"fleet/operator/api/v1alpha1"
)

// TestInterrupt: a later request of the object interrupts its reconciliation, and a late
// report of an earlier one does not.
func TestInterrupt(t *testing.T) {
	key := types.NamespacedName{Namespace: "ns", Name: "web"}
	for name, test := range map[string]struct {
		event order
		want  bool
	}{
		"the same":              {order{5, false}, false},
		"an edit":               {order{6, false}, true},
		"an edit before":        {order{4, false}, false},
		"a dry run":             {order{5, true}, true},
		"a dry run that ended":  {order{4, true}, false},
		"the end of the object": {gone, true},
	} {
		e := &entry{}
		s := &sessions{entries: map[types.NamespacedName]*entry{key: e}}
		s.interrupt(key, test.event) // nothing runs
		interrupted, end := e.begin(t.Context(), order{5, false})
		w := &work{interrupted: interrupted}
		s.interrupt(types.NamespacedName{Name: "another"}, gone)
		if w.isInterrupted() {
			t.Errorf("%s: interrupted by nothing", name)
		}
		s.interrupt(key, test.event)
		if got := w.isInterrupted(); got != test.want {
			t.Errorf("%s: interrupted is %t", name, got)
		}
		end()
		if s.interrupt(key, gone); e.end != nil {
			t.Errorf("%s: the reconciliation did not end", name)
		}
	}
}

// A beginOwner owns all fleets, and calls a function before work begins.
type beginOwner struct{ begins func() }

func (o beginOwner) Begin(ctx context.Context, _, _ string) (context.Context, func(), bool) {
	o.begins()
	return ctx, func() {}, true
}

// A spiedReader calls a function before a Secret is read.
type spiedReader struct {
	client.Reader
	reads func()
}

func (r spiedReader) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if _, ok := o.(*corev1.Secret); ok {
		r.reads()
	}
	return r.Reader.Get(ctx, key, o, opts...)
}

// moments are when an object is changed during its reconciliation, before its pass.
var moments = map[string]func(r *Reconciler, change func()){
	"before it begins":       func(r *Reconciler, change func()) { r.Owner = beginOwner{change} },
	"while its spec is read": func(r *Reconciler, change func()) { r.Loader.Reader = spiedReader{r.Loader.Reader, change} },
	"while others that declare the fleet are read": func(r *Reconciler, change func()) {
		r.Client = &spiedClient{Client: r.Client, listed: func(client.ObjectList) { change() }}
	},
}

// changes are those after which an object must not be reconciled as it was. The watch reports
// what they return.
var changes = map[string]func(l *lab, name string) (update bool){
	"suspended": func(l *lab, name string) bool {
		l.edit(name, func(f *v1alpha1.Fleet) { f.Spec.Suspend = true })
		return true
	},
	"dry run": func(l *lab, name string) bool {
		l.edit(name, func(f *v1alpha1.Fleet) { f.Annotations = map[string]string{v1alpha1.DryRunAnnotation: "true"} })
		return true
	},
	"deleted": func(l *lab, name string) bool { l.remove(name); return false },
	"another one": func(l *lab, name string) bool {
		l.remove(name)
		l.create(name, nil)
		return false
	},
}

// TestChangedBeforePass: nothing is done for an object as it was read, if it has changed
// before its pass begins.
func TestChangedBeforePass(t *testing.T) {
	l := newLab(t)
	client, reader := l.r.Client, l.r.Loader.Reader
	for moment, at := range moments {
		for what, change := range changes {
			name := fmt.Sprintf("fleet-%d", l.passes)
			l.create(name, func(f *v1alpha1.Fleet) {
				f.Spec.Mode = v1alpha1.ModeObserve
				f.Spec.Fleet = &runtime.RawExtension{Raw: []byte(fleetText(l.passes, 1))}
			})
			l.pass(name) // its claim is known
			f := l.edit(name, func(f *v1alpha1.Fleet) { f.Spec.Mode = v1alpha1.ModeEnforce })
			at(l.r, sync.OnceFunc(func() {
				if change(l, name) {
					l.r.interrupts().Update(t.Context(), event.UpdateEvent{ObjectOld: f, ObjectNew: l.live(name)}, nil)
				} else {
					l.r.interrupts().Delete(t.Context(), event.DeleteEvent{Object: f}, nil)
				}
			}))
			result, err := l.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: l.key(name)})
			l.r.Client, l.r.Loader.Reader, l.r.Owner = client, reader, always{}
			must(t, err)
			if n := len(l.boxes()); n > 0 || result.RequeueAfter != shortest {
				t.Fatalf("%s %s: %d sandboxes; reconciled again after %s", what, moment, n, result.RequeueAfter)
			}
		}
	}
}
