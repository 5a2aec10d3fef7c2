package cli

import (
	"context"
	"slices"
	"sync"

	"fleet/internal/registry"
	"fleet/spec"
)

// A digestReader finds the digests of tags for images with pull: always. The spec at a
// commit has those of the spec as it is.
type digestReader struct {
	resolver registry.Resolver

	mu       sync.Mutex
	failures []string // of references whose tags are used instead
}

// resolveDigest returns the digest of a tag. Commands that need no values of the spec
// compare no images either: for them, a registry that cannot be read is no error.
func (a *app) resolveDigest(ctx context.Context, ref string) (string, error) {
	r := a.specs.digests
	digest, err := r.resolver.Digest(ctx, ref)
	if err == nil || ctx.Err() != nil || a.flags.spec.unset != spec.UnsetAll {
		return digest, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, err.Error())
	return "", nil
}

// noteUnknownDigests notes the references whose digests could not be read.
func (a *app) noteUnknownDigests() {
	r := a.specs.digests
	if r == nil {
		return
	}
	slices.Sort(r.failures)
	for _, text := range r.failures {
		a.note("%s; the tag is used as it is.", text)
	}
	r.failures = nil
}
