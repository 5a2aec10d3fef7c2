//go:build unix

package input

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// canPoll reports whether ready waits.
const canPoll = true

// open opens a file without waiting for the writer of a pipe, and makes no
// terminal that of the process.
func open(file string) (*os.File, error) {
	return os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

// waitReadable waits until a Read of f has something to return, or for the end of the
// context. Deadlines do not serve: standard input takes none, and a pipe
// without a writer would be at its end.
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

// poll waits for one of two files, of which the second may be nil, and reports
// whether one can be read. A negative patience is one without an end.
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
