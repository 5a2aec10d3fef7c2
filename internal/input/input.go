package input

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open opens a regular file for reading. It never blocks: for a pipe or a device it
// returns a [NotRegularError].
func Open(file string) (*os.File, error) {
	f, err := open(file)
	if err != nil {
		return nil, err
	}
	info, err := stat(f, file)
	if err == nil && !info.Mode().IsRegular() {
		err = &NotRegularError{file, info.Mode()}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// stat returns the info of an open file, or an error if it is a directory.
func stat(f *os.File, file string) (fs.FileInfo, error) {
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "read", Path: file, Err: syscall.EISDIR}
	}
	return info, err
}

// ReadRegular reads a regular file of at most limit bytes.
func ReadRegular(file string, limit int64) ([]byte, error) {
	f, err := Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, file, limit)
}

// ReadNamed reads a file that the command line names, which may be a pipe, until its
// end or until ctx is done. It waits for the writer of a named pipe.
func ReadNamed(ctx context.Context, file string, limit int64) ([]byte, error) {
	f, err := OpenNamed(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadStream(ctx, f, file, limit)
}

// OpenNamed opens a file that the command line names. It does not wait for the writer
// of a pipe; [NewReader] does.
func OpenNamed(file string) (*os.File, error) {
	f, err := open(file)
	if err != nil {
		return nil, err
	}
	if _, err := stat(f, file); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadStream reads at most limit bytes from r until its end or until ctx is done.
// Errors contain the name.
func ReadStream(ctx context.Context, r io.Reader, name string, limit int64) ([]byte, error) {
	return readAll(NewReader(ctx, r), name, limit)
}

// readAll reads r to its end, or returns an error if it is longer than limit.
func readAll(r io.Reader, name string, limit int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, err
	case err != nil && !errors.As(err, new(*fs.PathError)):
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	case err != nil:
		return nil, err
	case n > limit:
		return nil, &TooLargeError{name, limit}
	}
	return b.Bytes(), nil
}
