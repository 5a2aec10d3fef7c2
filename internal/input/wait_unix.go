//go:build unix

package input

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// canPoll reports whether waitReadable waits.
const canPoll = true

// open opens a file without waiting for the writer of a pipe, and does not make a
// terminal the controlling one.
func open(file string) (*os.File, error) {
	return os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

// waitReadable waits until a Read of f would not block, or until ctx is done.
// Deadlines do not work here: standard input has none, and a pipe without a writer
// would appear to be at its end.
func waitReadable(ctx context.Context, f *os.File) error {
	if readable, err := poll(f, nil, 0); readable || err != nil {
		return err
	}
	woken, wake, err := os.Pipe()
	if err != nil {
		return err
	}
	defer woken.Close()
	stop := context.AfterFunc(ctx, func() { wake.Close() })
	defer func() {
		if stop() {
			wake.Close()
		}
	}()
	if _, err := poll(f, woken, -1); err != nil {
		return err
	}
	return ctx.Err()
}

// poll waits until one of two files is readable, and reports whether one is. other may
// be nil. A negative timeout means none.
func poll(f, other *os.File, timeoutMillis int) (readable bool, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return false, err
	}
	failed := conn.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if other != nil {
			fds = append(fds, unix.PollFd{Fd: int32(other.Fd()), Events: unix.POLLIN})
		}
		n, e := unix.Poll(fds, timeoutMillis)
		for errors.Is(e, unix.EINTR) {
			n, e = unix.Poll(fds, timeoutMillis)
		}
		readable, err = n > 0, e
	})
	return readable, errors.Join(failed, err)
}
