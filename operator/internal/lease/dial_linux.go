package lease

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Dialer returns a dialer for the connections behind Transport. Data that the other side has
// not acknowledged after 4 seconds ends a connection: without that, the kernel would deliver a
// request long after another replica took the lease, even if this process has ended.
func Dialer() *net.Dialer {
	return &net.Dialer{
		Timeout:   RenewDeadline,
		KeepAlive: 15 * time.Second,
		Control: func(_, _ string, c syscall.RawConn) error {
			var failed error
			err := c.Control(func(fd uintptr) {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
			})
			if err != nil {
				return err
			}
			return failed
		},
	}
}
