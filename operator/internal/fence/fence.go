// Package fence stops the writing requests of a replica that may no longer be the one that
// is responsible for a fleet.
package fence

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// A Checker knows whether this replica may write.
type Checker interface {
	// Check returns nil if the replica is certain to be responsible now. The error states
	// why it is not.
	Check() error
}

// ErrNoFence is the error of a writing request that belongs to no fleet.
var ErrNoFence = errors.New("a writing request without a fence was refused")

type contextKey struct{}

// NewContext returns a context whose writing requests are sent only while c permits it.
func NewContext(ctx context.Context, c Checker) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// check returns the error of the checker of a context.
func check(ctx context.Context) error {
	c, ok := ctx.Value(contextKey{}).(Checker)
	if !ok {
		return ErrNoFence
	}
	return c.Check()
}

// A Transport refuses writing requests that the checker of their context does not permit.
type Transport struct {
	Next http.RoundTripper

	// Exempt reports whether a writing request needs no fence; nil exempts none.
	Exempt func(*http.Request) bool
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if writes(req) && (t.Exempt == nil || !t.Exempt(req)) {
		if err := check(req.Context()); err != nil {
			if req.Body != nil {
				req.Body.Close() //nolint:errcheck // a RoundTripper closes the body even if it fails
			}
			return nil, err
		}
	}
	return t.Next.RoundTrip(req)
}

// writes reports whether a request may change something.
func writes(req *http.Request) bool {
	return req.Method != http.MethodGet && req.Method != http.MethodHead && req.Method != http.MethodOptions
}

// ExemptKubernetes exempts the requests that do not speak for a fleet: those for leases,
// which decide about the fence, and for events, which only report.
func ExemptKubernetes(req *http.Request) bool {
	p := req.URL.Path
	return strings.Contains(p, "/apis/coordination.k8s.io/") || strings.Contains(p, "/apis/events.k8s.io/") ||
		strings.Contains(p, "/apis/authorization.k8s.io/") || strings.Contains(p, "/apis/authentication.k8s.io/")
}
