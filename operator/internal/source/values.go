package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
)

// A reading reads the objects that one Fleet refers to, each once, and remembers what it
// depends on.
type reading struct {
	ctx        context.Context
	api        client.Reader
	rules      *Rules
	namespace  string
	secrets    map[string]*corev1.Secret
	configMaps map[string]*corev1.ConfigMap
	texts      map[v1alpha1.KeyRef]string // of Secrets; values that name the same key share one
	digest     hash.Hash
	size       int // bytes in the Secrets and ConfigMaps
}

// MaxObjects is the number of bytes that the Secrets and ConfigMaps to which one object
// refers may hold together, whether they are used or not.
const MaxObjects = 8 << 20

// newReading returns a reading for a Fleet.
func newReading(ctx context.Context, api client.Reader, rules *Rules, f *v1alpha1.Fleet) *reading {
	r := &reading{
		ctx: ctx, api: api, rules: rules, namespace: f.Namespace,
		secrets: map[string]*corev1.Secret{}, configMaps: map[string]*corev1.ConfigMap{},
		texts: map[v1alpha1.KeyRef]string{}, digest: sha256.New(),
	}
	r.depend("Fleet", string(f.UID), strconv.FormatInt(f.Generation, 10))
	return r
}

// depend adds an input of the spec to the digest.
func (r *reading) depend(parts ...string) {
	for _, p := range parts {
		r.digest.Write([]byte(p + "\x00"))
	}
}

// sum returns the digest of all that was read.
func (r *reading) sum() string { return hex.EncodeToString(r.digest.Sum(nil)) }

// hold adds the size of an object that was read, and drops all but its content. The error is
// a Problem if the objects are too large together.
func (r *reading) hold(kind string, o client.Object, size int) error {
	r.depend(kind, o.GetName(), o.GetResourceVersion())
	o.SetManagedFields(nil)
	o.SetAnnotations(nil) // kubectl writes the content here once more
	if r.size += size; r.size > MaxObjects {
		return problem(v1alpha1.ReasonSpecTooLarge, "the Secrets and ConfigMaps that the object names hold more than %d bytes together; put what the fleet uses into smaller ones", MaxObjects)
	}
	return nil
}

// sizeOf returns the number of bytes in the values of a map.
func sizeOf[T string | []byte](content map[string]T) (n int) {
	for _, x := range content {
		n += len(x)
	}
	return n
}

// secret reads a Secret.
func (r *reading) secret(name, field string) (*corev1.Secret, error) {
	if s := r.secrets[name]; s != nil {
		return s, nil
	}
	if !r.rules.AllowsSecret(r.namespace, name) {
		return nil, problem(v1alpha1.ReasonNotAllowed, "the rules of the operator do not let namespace %s use Secret %s, which %s names; ask the administrator of the operator", r.namespace, name, field)
	}
	s := &corev1.Secret{}
	err := r.api.Get(r.ctx, client.ObjectKey{Namespace: r.namespace, Name: name}, s)
	if apierrors.IsNotFound(err) {
		return nil, problem(v1alpha1.ReasonSecretNotFound, "there is no Secret %s in namespace %s, which %s names; create it, for example with: kubectl create secret generic %s --namespace %s --from-literal=KEY=VALUE", name, r.namespace, field, name, r.namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("reading Secret %s, which %s names: %w", name, field, err)
	}
	r.secrets[name] = s
	return s, r.hold("Secret", s, sizeOf(s.Data))
}

// configMap reads a ConfigMap.
func (r *reading) configMap(name, field string) (*corev1.ConfigMap, error) {
	if m := r.configMaps[name]; m != nil {
		return m, nil
	}
	m := &corev1.ConfigMap{}
	err := r.api.Get(r.ctx, client.ObjectKey{Namespace: r.namespace, Name: name}, m)
	if apierrors.IsNotFound(err) {
		return nil, problem(v1alpha1.ReasonConfigMapNotFound, "there is no ConfigMap %s in namespace %s, which %s names; create it, for example with: kubectl create configmap %s --namespace %s --from-file=fleet.yaml", name, r.namespace, field, name, r.namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("reading ConfigMap %s, which %s names: %w", name, field, err)
	}
	r.configMaps[name] = m
	return m, r.hold("ConfigMap", m, sizeOf(m.Data)+sizeOf(m.BinaryData))
}

// A value is the content of a [v1alpha1.Value].
type value struct {
	text      string
	sensitive bool
}

// value returns the content of a named value.
func (r *reading) value(v v1alpha1.Value, field string) (value, error) {
	switch {
	case v.Value != nil:
		return value{text: *v.Value}, nil
	case v.ValueFrom == nil:
		return value{}, problem(v1alpha1.ReasonInvalidSpec, "%s needs value or valueFrom", field)
	case v.ValueFrom.SecretKeyRef != nil:
		text, err := r.secretKey(*v.ValueFrom.SecretKeyRef, field)
		return value{text, true}, err
	case v.ValueFrom.ConfigMapKeyRef != nil:
		ref := *v.ValueFrom.ConfigMapKeyRef
		m, err := r.configMap(ref.Name, field)
		if err != nil {
			return value{}, err
		}
		text, ok := m.Data[ref.Key]
		if !ok {
			return value{}, problem(v1alpha1.ReasonConfigMapNotFound, "ConfigMap %s has no key %q, which %s names", ref.Name, ref.Key, field)
		}
		return value{text: text}, nil
	}
	return value{}, problem(v1alpha1.ReasonInvalidSpec, "%s.valueFrom needs secretKeyRef or configMapKeyRef", field)
}

// secretKey returns a key of a Secret. The error never shows what the Secret holds.
func (r *reading) secretKey(ref v1alpha1.KeyRef, field string) (string, error) {
	s, err := r.secret(ref.Name, field)
	if err != nil {
		return "", err
	}
	data, ok := s.Data[ref.Key]
	if !ok {
		return "", problem(v1alpha1.ReasonSecretNotFound, "Secret %s has no key %q, which %s names; add it, for example with: kubectl create secret generic %s --namespace %s --from-literal=%s=VALUE --dry-run=client -o yaml | kubectl apply -f -",
			ref.Name, ref.Key, field, ref.Name, r.namespace, ref.Key)
	}
	text, ok := r.texts[ref]
	if !ok {
		text = string(data)
		r.texts[ref] = text
	}
	return text, nil
}
