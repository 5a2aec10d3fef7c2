package operator

import (
	"net/http"

	"fleet/operator/internal/lease"
)

// fenced sends the writing requests to a server only while the fence of their context is
// open. Without a fence, it sends none.
type fenced struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (f fenced) RoundTrip(req *http.Request) (*http.Response, error) {
	fence := lease.FenceOf(req.Context())
	if fence == nil {
		fence = &lease.Fence{} // it is closed
	}
	return fence.Transport(f.next).RoundTrip(req)
}
