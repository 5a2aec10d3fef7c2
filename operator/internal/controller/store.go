package controller

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
)

// The keys of the ConfigMap of an object.
const (
	planKey   = "plan.txt"
	memoryKey = "memory.json.gz" // texts of ten thousand objects have more than a ConfigMap may have
)

// A store is the ConfigMap of an object, with its plan and its memory.
// It exists only while it holds something. It is used by one goroutine at a time.
type store struct {
	r         *Reconciler
	uid       types.UID
	namespace string
	name      string // of the ConfigMap
	owner     string // name of the object

	plan, memory string // that were written last
	version      string // of the ConfigMap then; empty if there was none
}

// maxName is the length of the longest name of an object.
const maxName = 253

// newStore returns the store of an object.
func newStore(r *Reconciler, f *v1alpha1.Fleet) *store {
	const suffix = ".fleet-plan"
	name := f.Name + suffix
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(f.Name))
		name = strings.TrimRight(f.Name[:maxName-len(suffix)-17], ".-") + "-" + hex.EncodeToString(sum[:8]) + suffix
	}
	return &store{r: r, uid: f.UID, namespace: f.Namespace, name: name, owner: f.Name}
}

// read reads the ConfigMap, and returns what was remembered. One of another object of the
// same name is not used.
func (s *store) read(ctx context.Context) (memory string, err error) {
	m := &corev1.ConfigMap{}
	err = s.r.Reader.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: s.name}, m)
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !ownedBy(m, s.uid) {
		return "", nil
	}
	s.version, s.plan = m.ResourceVersion, m.Data[planKey]
	if s.memory, err = unpack(m.BinaryData[memoryKey]); err != nil {
		return "", nil //nolint:nilerr // a user changed it; what is remembered only damps
	}
	return s.memory, nil
}

// ownedBy reports whether an object with a uid owns another one.
func ownedBy(m metav1.Object, uid types.UID) bool {
	for _, o := range m.GetOwnerReferences() {
		if o.UID == uid {
			return true
		}
	}
	return false
}

// maxPlan is the number of bytes of a plan that are stored. A ConfigMap has 1 MiB at most.
const maxPlan = 512 << 10

// setPlan stores a plan; "" for none. It returns the name of the ConfigMap that holds it.
// What others did to the ConfigMap is undone.
func (s *store) setPlan(ctx context.Context, text string) (name string, err error) {
	if len(text) > maxPlan {
		text = strings.ToValidUTF8(text[:maxPlan], "") + "\n... (the rest of the plan is left out)\n"
	}
	if err := s.ensure(ctx, text); err != nil {
		return "", err
	}
	if text == "" {
		return "", nil
	}
	return s.name, nil
}

// ensure writes a plan, unless the ConfigMap has it.
func (s *store) ensure(ctx context.Context, plan string) error {
	if plan == s.plan {
		if current, err := s.isCurrent(ctx); current || err != nil {
			return err
		}
	}
	return s.write(ctx, plan, s.memory)
}

// isCurrent reports whether the ConfigMap is what was written last.
func (s *store) isCurrent(ctx context.Context) (bool, error) {
	if s.version == "" {
		return true, nil
	}
	m := &metav1.PartialObjectMetadata{}
	m.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	err := s.r.Reader.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: s.name}, m)
	return err == nil && m.ResourceVersion == s.version, client.IgnoreNotFound(err)
}

// remember stores what has to be remembered; "" for nothing.
func (s *store) remember(ctx context.Context, text string) error { return s.write(ctx, s.plan, text) }

// write writes the ConfigMap, or deletes it if nothing is left in it.
func (s *store) write(ctx context.Context, plan, memory string) error {
	version, err := s.send(ctx, plan, memory)
	if err != nil {
		return err
	}
	s.version, s.plan, s.memory = version, plan, memory
	return nil
}

// send sends the ConfigMap, and returns its version; empty if there is none.
func (s *store) send(ctx context.Context, plan, memory string) (version string, err error) {
	if plan == "" && memory == "" {
		if s.version == "" {
			return "", nil
		}
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: s.name}}
		return "", client.IgnoreNotFound(s.r.Client.Delete(ctx, m))
	}
	owner := metav1ac.OwnerReference().WithAPIVersion(v1alpha1.GroupVersion.String()).WithKind("Fleet").WithName(s.owner).WithUID(s.uid)
	m := corev1ac.ConfigMap(s.name, s.namespace).WithOwnerReferences(owner)
	if plan != "" {
		m = m.WithData(map[string]string{planKey: plan})
	}
	if memory != "" {
		m = m.WithBinaryData(map[string][]byte{memoryKey: pack(memory)})
	}
	if err := s.r.Client.Apply(ctx, m, client.ForceOwnership, client.FieldOwner(FieldManager)); err != nil {
		return "", err
	}
	if m.ResourceVersion == nil {
		return "", errors.New("the API server returned no version of the ConfigMap " + s.name)
	}
	return *m.ResourceVersion, nil
}
