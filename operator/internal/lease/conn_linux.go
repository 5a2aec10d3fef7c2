package lease

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundDelivery ends a connection once the other side has not acknowledged data for some time.
// Without that, the kernel would deliver a request long after another replica took the lease,
// even if this process has ended. Connections that are not of TCP are left as they are.
func boundDelivery(c net.Conn) {
	for {
		outer, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = outer.NetConn()
	}
	socket, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
	})
}
