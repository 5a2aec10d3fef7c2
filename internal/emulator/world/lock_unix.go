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

func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for waited := time.Duration(0); ; waited += lockPoll {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return &fileLock{f}, nil
		case errors.Is(err, syscall.EINTR):
		case !errors.Is(err, syscall.EWOULDBLOCK) || waited >= lockTimeout:
			f.Close()
			return nil, fmt.Errorf("state file is in use by another process (%s is locked): %w", path, err)
		}
		time.Sleep(lockPoll)
	}
}

const lockPoll = 50 * time.Millisecond

// release closes the file and with it the lock. The file is not removed: two processes
// could then lock two files of the same name.
func (l *fileLock) release() {
	if l != nil {
		l.file.Close()
	}
}
