//go:build unix

package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketPath is the longest path of a unix socket on all systems, in bytes.
const maxSocketPath = 103

// OpenSocket listens on a unix socket with mode 0600 in a directory with mode 0700,
// which it makes. A lock next to the socket shows whether its watch still runs: the
// system releases it when the process ends. A socket without a locked lock is stale, and
// replaced.
func OpenSocket(ctx context.Context, path string) (*Socket, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path of the socket %s has %d bytes, and systems allow %d: set XDG_STATE_HOME to a directory with a shorter path", path, len(path), maxSocketPath)
	}
	if err := privateDirectory(filepath.Dir(path)); err != nil {
		return nil, err
	}
	lock, err := lockFile(path + ".lock")
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, &RunningError{path}
	}
	if err != nil {
		return nil, err
	}
	l, err := listenUnix(ctx, path)
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &Socket{Listener: l, lock: lock}, nil
}

// listenUnix replaces the socket. The caller holds its lock.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != os.ModeSocket {
		return nil, fmt.Errorf("%s is not a socket; move it away", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil { // the directory protects it until then
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// privateDirectory makes a directory that only its user can enter.
func privateDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory; move it away", dir)
	case info.Mode().Perm() == 0o700:
		return nil
	}
	return os.Chmod(dir, 0o700)
}

// lockFile locks a file, or returns EWOULDBLOCK if another process has. The file is not
// removed: two processes could then lock two files of one name.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, err
		}
	}
}
