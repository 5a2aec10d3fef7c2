package lease

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// received starts a server that counts the requests it receives.
func received(t *testing.T) (url string, count *atomic.Int32) {
	count = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			count.Add(1)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, count
}

func send(t *testing.T, rt http.RoundTripper, method, url string, body io.Reader) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := rt.RoundTrip(req)
	if err == nil {
		response.Body.Close()
	}
	return err
}

func TestTransport(t *testing.T) {
	url, count := received(t)
	for _, c := range []struct {
		name, method string
		fence        *Fence
		sent         bool
	}{
		{"write, open", "POST", renewed(0), true},
		{"write, closed", "POST", renewed(RenewDeadline), false},
		{"delete, closed", "DELETE", renewed(RenewDeadline), false},
		{"read, closed", "GET", renewed(RenewDeadline), true},
	} {
		before := count.Load()
		err := send(t, c.fence.Transport(http.DefaultTransport), c.method, url, strings.NewReader("body"))
		if sent := count.Load() > before; sent != c.sent {
			t.Errorf("%s: sent is %t", c.name, sent)
		}
		if errors.Is(err, ErrFenced) == c.sent {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A fence that closes while a connection is being made stops requests with and without a body.
func TestClosedWhileDialing(t *testing.T) {
	for _, method := range []string{"DELETE", "POST"} {
		url, count := received(t)
		f := renewed(0)
		base := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			f.revoke(errEnded)
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
		defer base.CloseIdleConnections()
		var body io.Reader
		if method == "POST" {
			body = strings.NewReader("body")
		}
		if err := send(t, f.Transport(base), method, url, body); !errors.Is(err, ErrFenced) {
			t.Errorf("%s: %v", method, err)
		}
		if n := count.Load(); n != 0 {
			t.Errorf("%s: the server received %d requests", method, n)
		}
	}
}

// A fence that closes while the body is produced stops the request.
func TestClosedWhileReadingBody(t *testing.T) {
	url, count := received(t)
	f := renewed(0)
	body := io.MultiReader(strings.NewReader("start"), readerFunc(func([]byte) (int, error) {
		f.revoke(errEnded)
		return 0, nil
	}), strings.NewReader("end"))
	if err := send(t, f.Transport(http.DefaultTransport), "POST", url, body); !errors.Is(err, ErrFenced) {
		t.Error(err)
	}
	if n := count.Load(); n != 0 {
		t.Errorf("the server received %d whole requests", n)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A request that the server does not answer ends with the lease.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}))
	defer server.Close()
	f := renewed(RenewDeadline - 500*time.Millisecond)
	err := send(t, f.Transport(http.DefaultTransport), "DELETE", server.URL, nil)
	<-arrived
	if !errors.Is(err, ErrFenced) || f.expired() {
		t.Errorf("%v; the lease has expired: %t", err, f.expired())
	}
}

// Requests to Kubernetes are checked by the fence of their context, or any fence of the
// replica; leases and reviews pass.
func TestKubernetesTransport(t *testing.T) {
	url, _ := received(t)
	r := &Replica{holds: map[int]*hold{}}
	rt := r.Transport(http.DefaultTransport)
	fleets := url + "/apis/daytona.fleet/v1alpha1/namespaces/a/fleets/b"
	check := func(name string, ctx context.Context, url string, sent bool) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := rt.RoundTrip(req)
		if err == nil {
			response.Body.Close()
		}
		if errors.Is(err, ErrFenced) == sent {
			t.Errorf("%s: %v", name, err)
		}
	}
	check("no shard is held", t.Context(), fleets, false)
	check("a lease", t.Context(), url+"/apis/coordination.k8s.io/v1/namespaces/a/leases/b", true)
	check("a review", t.Context(), url+"/apis/authorization.k8s.io/v1/subjectaccessreviews", true)
	r.holds[0] = &hold{tenure: newTenure(renewed(0))}
	check("a shard is being acquired", t.Context(), fleets, false)
	r.holds[0].public = true
	check("a shard is held", t.Context(), fleets, true)
	r.holds[1] = &hold{tenure: newTenure(renewed(RenewDeadline)), public: true}
	check("work of a shard whose lease is old", WithFence(t.Context(), r.holds[1].tenure.fence), fleets, false)
	check("work of the other shard", WithFence(t.Context(), r.holds[0].tenure.fence), fleets, true)
}
