package serve

import (
	"fmt"
	"net"
	"os"
)

// A RunningError reports that another watch on this machine has the socket of the fleet
// open.
type RunningError struct{ Path string }

func (e *RunningError) Error() string {
	return fmt.Sprintf("another fleet watch of this fleet runs on this machine: it has %s open. End it first, or change it with fleet approve, pause, resume and reconcile", e.Path)
}

// A Socket is a unix socket that only its user can connect to. Its file is removed when
// it is closed.
type Socket struct {
	net.Listener

	lock *os.File // held while the socket is open
}

// Close removes the socket, and then releases its lock. It may be called several times.
func (s *Socket) Close() error {
	err := s.Listener.Close()
	s.lock.Close()
	return err
}
