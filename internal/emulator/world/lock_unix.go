//go:build unix

package world

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockTimeout is how long a process waits for another one to release the file.
const lockTimeout = 10 * time.Second

// fileLock keeps two processes from writing the same state file. The system releases
// it when the process exits.
type fileLock struct{ file *os.File }

func lockFile(path string, o LockOptions) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for waited := time.Duration(0); ; waited += lockPoll {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			l := &fileLock{f}
			if err := l.setOwner(o.Owner); err != nil {
				l.release()
				return nil, err
			}
			return l, nil
		case errors.Is(err, syscall.EINTR):
		case !errors.Is(err, syscall.EWOULDBLOCK):
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		case o.NoWait || waited >= lockTimeout:
			defer f.Close()
			return nil, &LockedError{File: path, Owner: ownerOf(f)}
		}
		time.Sleep(lockPoll)
	}
}

// setOwner writes the owner into the locked file.
func (l *fileLock) setOwner(owner string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(owner), 0)
	return err
}

// ownerOf returns the owner that a locked file contains; empty if it is unknown.
func ownerOf(f *os.File) string {
	b := make([]byte, maxOwner)
	n, _ := f.ReadAt(b, 0) // io.EOF in most cases
	return string(b[:n])
}

const lockPoll = 50 * time.Millisecond

// release closes the file and with it the lock. The file is not removed: two processes
// could then lock two files of the same name.
func (l *fileLock) release() {
	if l != nil {
		l.file.Close()
	}
}
