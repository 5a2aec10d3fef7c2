package lease

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// What is sent just before the fence closes is acknowledged or dropped before another replica
// can hold the lease.
func TestDialer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dialer().DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var timeout int
	if err := raw.Control(func(fd uintptr) {
		timeout, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
	}); err != nil {
		t.Fatal(err)
	}
	if most := (LeaseDuration - RenewDeadline).Milliseconds(); err != nil || timeout <= 0 || int64(timeout) >= most {
		t.Errorf("unacknowledged data is dropped after %d ms, want less than %d; %v", timeout, most, err)
	}
}
