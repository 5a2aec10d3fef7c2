package lease

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"

	"golang.org/x/sys/unix"
)

// What is sent just before the fence closes is acknowledged or dropped before another replica
// can hold the lease.
func TestBoundDelivery(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	var timeout int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		raw, err := c.Conn.(*tls.Conn).NetConn().(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Error(err)
			return
		}
		if err := raw.Control(func(fd uintptr) {
			timeout, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		}); err != nil {
			t.Error(err)
		}
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := renewed(0).Transport(server.Client().Transport).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if most := (LeaseDuration - RenewDeadline).Milliseconds(); timeout <= 0 || int64(timeout) >= most {
		t.Errorf("unacknowledged data is dropped after %d ms, want less than %d", timeout, most)
	}
}
