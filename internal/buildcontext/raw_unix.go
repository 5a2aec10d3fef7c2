//go:build linux || darwin

package buildcontext

import (
	"io/fs"
	"syscall"
)

// A rawFile is an open file that costs no more than the calls of the system: contexts
// have many small files, for which an os.File takes as long as reading them.
type rawFile struct{ fd int }

// openRaw opens a file for reading. It does not wait for the other end of a pipe.
func openRaw(disk string) (f rawFile, err error) {
	err = retry(func() (err error) {
		f.fd, err = syscall.Open(disk, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
		return err
	})
	if err != nil {
		return f, &fs.PathError{Op: "open", Path: disk, Err: err}
	}
	return f, nil
}

// read reads at most len(b) bytes. It returns 0 at the end of the file.
func (f rawFile) read(b []byte) (n int, err error) {
	err = retry(func() (err error) {
		n, err = syscall.Read(f.fd, b)
		return err
	})
	return max(n, 0), err
}

// stamp returns the state of the file.
func (f rawFile) stamp() (stamp, error) {
	var s syscall.Stat_t
	if err := retry(func() error { return syscall.Fstat(f.fd, &s) }); err != nil {
		return stamp{}, err
	}
	return statStamp(&s), nil
}

func (f rawFile) close() { _ = syscall.Close(f.fd) }

// retry repeats a call that a signal interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR { //nolint:errorlint // an error number
			return err
		}
	}
}
