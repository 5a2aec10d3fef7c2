//go:build !linux

package lease

import (
	"net"
	"time"
)

// Dialer returns a dialer for the connections behind Transport. On this system, a request
// that was sent while the network was cut may arrive after another replica took the lease.
func Dialer() *net.Dialer {
	return &net.Dialer{Timeout: RenewDeadline, KeepAlive: 15 * time.Second}
}
