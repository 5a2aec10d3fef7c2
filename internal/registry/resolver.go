package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"fleet/internal/foreign"
)

// platform is what Daytona builds and pulls images for.
var platform = v1.Platform{OS: "linux", Architecture: "amd64"}

// Timeout bounds the requests for one reference.
const Timeout = 30 * time.Second

// A Resolver finds the digests of tags. It asks for each reference once. The zero value
// has the credentials of the Docker configuration of the user. An answer is kept as long as the
// Resolver, a failure too. A Resolver may be used by
// several goroutines.
type Resolver struct {
	// Keychain has the credentials; nil stands for those that docker login has saved.
	Keychain authn.Keychain
	// Transport sends the requests; nil stands for the default of the registry library.
	Transport http.RoundTripper

	mu    sync.Mutex
	known map[string]*answer
}

// An answer is the digest of a reference, once done is closed.
type answer struct {
	done   chan struct{}
	digest string
	err    error
}

// Digest returns the digest that a reference stands for at the moment, such as
// "sha256:0123…": that of the index if the tag has images for several platforms. It
// fails if there is no image for linux/amd64. A digest in the reference is returned
// without a request.
func (r *Resolver) Digest(ctx context.Context, reference string) (string, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return "", err
	}
	if d, ok := ref.(name.Digest); ok {
		return d.DigestStr(), nil
	}
	a, first := r.answer(ref.Name())
	if first {
		a.digest, a.err = r.ask(ctx, ref)
		close(a.done)
	}
	select {
	case <-a.done:
		return a.digest, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// answer returns the answer for a reference, and whether the caller has to find it.
func (r *Resolver) answer(reference string) (a *answer, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.known[reference]; a != nil {
		return a, false
	}
	if r.known == nil {
		r.known = map[string]*answer{}
	}
	a = &answer{done: make(chan struct{})}
	r.known[reference] = a
	return a, true
}

// ask requests the manifest of a tag.
func (r *Resolver) ask(ctx context.Context, ref name.Reference) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	keychain := r.Keychain
	if keychain == nil {
		keychain = authn.DefaultKeychain
	}
	credentials, err := authn.Resolve(ctx, keychain, ref.Context())
	if err != nil {
		return "", fmt.Errorf("reading the Docker credentials for %s: %w", ref.Context().RegistryStr(), err)
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuth(credentials), remote.WithPlatform(platform)}
	if r.Transport != nil {
		options = append(options, remote.WithTransport(r.Transport))
	}
	manifest, err := remote.Get(ref, options...)
	if err == nil {
		err = checkPlatform(manifest)
	}
	if err != nil {
		return "", &Error{Reference: ref.Name(), Registry: ref.Context().RegistryStr(), Anonymous: credentials == authn.Anonymous, err: err}
	}
	return manifest.Digest.String(), nil
}

// checkPlatform checks that there is an image for linux/amd64. Only an index lists
// platforms: those of a single image are in its configuration.
func checkPlatform(manifest *remote.Descriptor) error {
	image, err := manifest.Image()
	if err != nil {
		return err
	}
	config, err := image.ConfigFile()
	switch {
	case err != nil:
		return err
	case config.OS != platform.OS || config.Architecture != platform.Architecture:
		return fmt.Errorf("it is an image for %s, but Daytona builds for %s",
			foreign.Text(config.OS+"/"+config.Architecture), platform)
	}
	return nil
}

// An Error is the failure to find the digest of a tag.
type Error struct {
	Reference string // with the registry, such as "index.docker.io/library/debian:12"
	Registry  string // host, such as "index.docker.io"
	Anonymous bool   // no credentials were sent
	err       error
}

func (e *Error) Error() string {
	return fmt.Sprintf("finding the digest of %s: %s", e.Reference, e.reason())
}

func (e *Error) Unwrap() error { return e.err }

// reason returns why the registry gave no digest.
func (e *Error) reason() string {
	var answered *transport.Error
	switch {
	case errors.Is(e.err, context.DeadlineExceeded):
		return fmt.Sprintf("%s has not answered within %s", e.Registry, Timeout)
	case !errors.As(e.err, &answered):
		return foreign.Escape(e.err.Error())
	}
	switch answered.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("%s refuses access (%d)", e.Registry, answered.StatusCode)
	case http.StatusNotFound:
		return fmt.Sprintf("%s has no such image", e.Registry)
	case http.StatusTooManyRequests:
		return fmt.Sprintf("%s limits the rate of requests", e.Registry)
	}
	return fmt.Sprintf("%s answered with status %d", e.Registry, answered.StatusCode)
}

// Hint returns what to do about it; empty if nothing is known to help.
func (e *Error) Hint() string {
	var answered *transport.Error
	var network net.Error
	switch {
	case errors.As(e.err, &network), errors.Is(e.err, context.DeadlineExceeded):
		return e.Registry + " must be reachable from this machine"
	case !errors.As(e.err, &answered):
		return ""
	}
	switch answered.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests:
		if e.Anonymous {
			return "the request had no credentials, since the Docker configuration has none for " + e.Registry + "; run docker login " + e.Registry
		}
		return "the request had the credentials of the Docker configuration for " + e.Registry
	}
	return ""
}
