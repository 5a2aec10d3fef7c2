package source

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	ctrlclient "sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/client"
	"fleet/internal/buildcontext"
	"fleet/internal/registry"
	"fleet/operator/api/v1alpha1"
	"fleet/spec"
)

// A Loader reads what Fleet objects refer to. Reader and Dir are required.
type Loader struct {
	Reader ctrlclient.Reader // of Secrets and ConfigMaps
	Dir    string            // directory for the files of specs
	Rules  *Rules            // nil allows everything

	written atomic.Int64 // bytes in Dir
}

// An Input is what a Fleet object declares. It must be closed when it is no longer used.
type Input struct {
	Fleet  *spec.Fleet
	Config client.Config // server and credentials
	Digest string        // of the object, its Secrets and its ConfigMaps, by their versions

	files *directory
	gone  atomic.Bool // a registry could not be asked
	tags  atomic.Bool // it holds digests of tags, which move
	at    time.Time
}

// Close deletes the files of the spec. A nil Input may be closed.
func (i *Input) Close() {
	if i != nil {
		i.files.remove()
	}
}

// tagAge is how long the digests of tags are used.
const tagAge = time.Minute

// isCurrent reports whether reading the same again would give the same.
func (i *Input) isCurrent(digest string) bool {
	return i != nil && i.Digest == digest && (!i.tags.Load() || time.Since(i.at) < tagAge)
}

// Load reads the spec and the credentials of a Fleet object. If before is still what they
// are, it is returned. The error is a *[Problem] if a user has to change something;
// others go away by themselves.
func (l *Loader) Load(ctx context.Context, f *v1alpha1.Fleet, before *Input) (*Input, error) {
	r := newReading(ctx, l.Reader, l.Rules, f)
	config, err := l.config(r, f)
	if err != nil {
		return nil, err
	}
	options, err := options(r, f)
	if err != nil {
		return nil, err
	}
	for _, from := range f.Spec.FleetFrom {
		if _, err := r.configMap(from.ConfigMap, "spec.fleetFrom"); err != nil {
			return nil, err
		}
	}
	if before.isCurrent(r.sum()) {
		return before, nil
	}
	return l.load(r, f, config, options)
}

// options returns the options that the object gives its spec.
func options(r *reading, f *v1alpha1.Fleet) (spec.Options, error) {
	o := spec.Options{Environment: f.Spec.Environment, Context: r.ctx, Hasher: buildcontext.NewHasher(buildcontext.Options{})}
	for i, v := range f.Spec.Variables {
		field := fmt.Sprintf("spec.variables[%d]", i)
		x, err := r.value(v, field)
		if err != nil {
			return o, err
		}
		o.Vars = append(o.Vars, spec.Var{Name: v.Name, Value: x.text, From: field, Sensitive: x.sensitive})
	}
	env := map[string]value{}
	for i, v := range f.Spec.Env {
		x, err := r.value(v, fmt.Sprintf("spec.env[%d]", i))
		if err != nil {
			return o, err
		}
		env[v.Name] = x
	}
	o.Lookup = func(name string) (string, bool) { x, ok := env[name]; return x.text, ok }
	o.SensitiveEnv = func(name string) bool { return env[name].sensitive }
	return o, nil
}

// load writes the files of the spec, and reads them.
func (l *Loader) load(r *reading, f *v1alpha1.Fleet, config client.Config, o spec.Options) (*Input, error) {
	files, err := newDirectory(l.Dir, &l.written)
	if err != nil {
		return nil, err
	}
	in := &Input{Config: config, Digest: r.sum(), files: files, at: time.Now()}
	if err := in.read(r, f, o); err != nil {
		files.remove()
		return nil, err
	}
	for _, name := range append([]string{in.Fleet.Name}, in.Fleet.FormerNames...) {
		if !l.Rules.AllowsFleet(f.Namespace, name) {
			files.remove()
			return nil, problem(v1alpha1.ReasonNotAllowed, "the rules of the operator do not let namespace %s declare the fleet %s; choose another name, or ask the administrator of the operator", f.Namespace, name)
		}
	}
	return in, nil
}

// read reads the fleet.
func (i *Input) read(r *reading, f *v1alpha1.Fleet, o spec.Options) error {
	if err := i.files.addInline(f); err != nil {
		return err
	}
	for _, from := range f.Spec.FleetFrom {
		if err := i.files.addConfigMap(from, r.configMaps[from.ConfigMap]); err != nil {
			return err
		}
	}
	o.Root, o.ResolveDigest = i.files.path, i.resolveDigest(&registry.Resolver{Keychain: authn.NewMultiKeychain()})
	fleet, err := o.Load(i.files.parts...)
	if err != nil && i.gone.Load() {
		gone := &UnavailableError{specProblem(err, i.files.strip).Message}
		o.ResolveDigest = func(context.Context, string) (string, error) { return "", nil }
		if _, err = o.Load(i.files.parts...); err == nil { // nothing else is wrong
			return gone
		}
	}
	if err != nil {
		return specProblem(err, i.files.strip)
	}
	if fleet.SensitiveName {
		return problem(v1alpha1.ReasonInvalidSpec, "name: a sensitive value cannot be a part of the name of a fleet or of a former name, since the status shows them; use spec.variables[].value, or a ConfigMap")
	}
	if p := checkHooks(fleet); p != nil {
		return p
	}
	i.Fleet = fleet
	return nil
}

// resolveDigest returns the digests of tags, without credentials.
func (i *Input) resolveDigest(r *registry.Resolver) func(context.Context, string) (string, error) {
	return func(ctx context.Context, ref string) (string, error) {
		i.tags.Store(true)
		digest, err := r.Digest(ctx, ref)
		if err != nil {
			i.gone.Store(true)
			return "", digestError{err}
		}
		return digest, nil
	}
}

// A digestError is why a registry gave no digest, with what helps in a cluster.
type digestError struct{ error }

// Hint is what spec shows as a hint.
func (e digestError) Hint() string {
	return "the operator asks registries without credentials; write the digest instead of the tag, or use a registry that the operator can read"
}

// checkHooks refuses hooks that run on the machine of fleet: the operator runs no commands
// that a Fleet object names.
func checkHooks(f *spec.Fleet) *Problem {
	if f.Hooks.BeforeApply != nil || f.Hooks.AfterApply != nil {
		return problem(v1alpha1.ReasonInvalidSpec, "hooks: the operator does not run commands; remove before_apply and after_apply")
	}
	for _, r := range f.Resources {
		hooks := []*spec.Hook{r.AfterCreate(), r.BeforeDestroy()}
		if slices.ContainsFunc(hooks, func(h *spec.Hook) bool { return h != nil && h.Run != "" }) {
			return problem(v1alpha1.ReasonInvalidSpec, "%s: the operator does not run commands; write the hook with exec, which runs in the sandbox", r.Address)
		}
	}
	return nil
}
