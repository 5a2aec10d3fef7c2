package lease

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
)

// Transport returns a RoundTripper that sends requests that write only while the fence is
// open. It must be next to the wire: each attempt of a request is checked on its own. The
// fence is checked again once a connection is found, which can take long, and as the body is
// read. Requests in flight are canceled before another replica can hold the lease. Other
// requests pass.
func (f *Fence) Transport(base http.RoundTripper) http.RoundTripper {
	return &transport{base, func(req *http.Request) *Fence {
		if reads(req) {
			return nil
		}
		return f
	}}
}

// A transport checks the requests for which it finds a fence.
type transport struct {
	base  http.RoundTripper
	fence func(*http.Request) *Fence // nil: the request passes
}

// reads reports whether the method of a request changes nothing.
func reads(req *http.Request) bool {
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// unfenced are API groups of Kubernetes whose requests pass: leases, without which no fence
// opens, and reviews, which change nothing.
var unfenced = []string{"/apis/coordination.k8s.io/", "/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/"}

// passes reports whether a request to Kubernetes needs no lease.
func passes(req *http.Request) bool {
	for _, prefix := range unfenced {
		if strings.HasPrefix(req.URL.Path, prefix) {
			return true
		}
	}
	return reads(req)
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	f := t.fence(req)
	if f == nil {
		return t.base.RoundTrip(req)
	}
	if err := f.Check(); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	ctx, cancel := f.guard(req.Context())
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		if err := f.Check(); err != nil {
			cancel(err)
			_ = c.Conn.Close() // the request would be written all the same
		}
	}})
	response, err := t.base.RoundTrip(checked(req.Clone(ctx), f))
	if err != nil {
		cause := context.Cause(ctx)
		cancel(nil)
		if errors.Is(cause, ErrFenced) && !errors.Is(err, ErrFenced) {
			err = errors.Join(cause, err)
		}
		return nil, err
	}
	response.Body = &guardedBody{response.Body, cancel}
	return response, nil
}

// checked returns req with a body that is checked as it is read.
func checked(req *http.Request, f *Fence) *http.Request {
	if req.Body == nil || req.Body == http.NoBody {
		return req
	}
	req.Body = &checkedBody{req.Body, f}
	if again := req.GetBody; again != nil {
		req.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			if err != nil {
				return nil, err
			}
			return &checkedBody{body, f}, nil
		}
	}
	return req
}

// A checkedBody fails once the fence is closed.
type checkedBody struct {
	io.ReadCloser
	fence *Fence
}

func (b *checkedBody) Read(p []byte) (int, error) {
	if err := b.fence.Check(); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p)
}

// A guardedBody ends the context of its request when it is closed.
type guardedBody struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (b *guardedBody) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}
