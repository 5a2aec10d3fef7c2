package buildcontext

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"fleet/internal/input"
)

// bufferSize is the size of the buffers for reading files, in bytes.
const bufferSize = 128 << 10

// digest computes the digests of the files that have none, several at a time.
func (h *Hasher) digest(ctx context.Context, s Source, files []File) error {
	var todo []int
	for i := range files {
		if files[i].Digest == ([32]byte{}) {
			todo = append(todo, i)
		}
	}
	failed := make([]*FileError, len(todo))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(h.options.Workers, len(todo)) {
		workers.Go(func() {
			buffer := make([]byte, bufferSize)
			for i := int(next.Add(1)) - 1; i < len(todo) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f := &files[todo[i]]
				failed[i] = f.readStable(s.disk(f.Path), buffer)
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	var p problems
	for _, e := range slices.DeleteFunc(failed, func(e *FileError) bool { return e == nil }) {
		p.add(e)
	}
	return p.err()
}

// attempts is how often a file is read that changes while it is read, such as a log.
const attempts = 3

// readStable sets the digest of a file. If the file changed since the scan, it also
// sets its size, mode and stamp.
func (f *File) readStable(disk string, buffer []byte) *FileError {
	problem := f.read(disk, buffer)
	for i := 1; i < attempts && problem != nil && problem.Reason == Changed; i++ {
		info, err := os.Stat(disk)
		if err != nil || !info.Mode().IsRegular() {
			return problem
		}
		f.Mode, f.Size, f.stat = archiveMode(info.Mode()), info.Size(), newStamp(info)
		problem = f.read(disk, buffer)
	}
	return problem
}

// read sets the digest of a file that is in the state of its stamp.
func (f *File) read(disk string, buffer []byte) *FileError {
	file, problem := openRegular(disk)
	if problem != nil {
		return problem
	}
	defer file.Close()
	h := sha256.New()
	quick := newQuickSum()
	for left := f.Size; left > 0; {
		n, err := file.Read(buffer[:min(left, int64(len(buffer)))])
		h.Write(buffer[:n])
		quick.Write(buffer[:n])
		if left -= int64(n); err != nil && left > 0 {
			return readError(disk, err)
		}
	}
	if problem := checkUnchanged(file, disk, f.stat); problem != nil {
		return problem
	}
	f.Digest, f.quick = [32]byte(h.Sum(nil)), quickSum{quick.Sum32(), true}
	return nil
}

// openRegular opens a regular file of a scan.
func openRegular(disk string) (*os.File, *FileError) {
	f, err := input.Open(disk)
	var special *input.NotRegularError
	switch {
	case missing(err), errors.As(err, &special):
		return nil, &FileError{Path: disk, Reason: Changed, Err: err}
	case err != nil:
		return nil, &FileError{Path: disk, Reason: Unreadable, Err: err}
	}
	return f, nil
}

// checkUnchanged returns an error if an open file is not in the state of a stamp.
func checkUnchanged(f *os.File, disk string, want stamp) *FileError {
	info, err := f.Stat()
	if err != nil {
		return &FileError{Path: disk, Reason: Unreadable, Err: err}
	}
	if newStamp(info) != want {
		return &FileError{Path: disk, Reason: Changed}
	}
	return nil
}

// readError returns the error for a file that could not be read to its end.
func readError(disk string, err error) *FileError {
	if errors.Is(err, io.EOF) {
		return &FileError{Path: disk, Reason: Changed}
	}
	return &FileError{Path: disk, Reason: Unreadable, Err: err}
}
