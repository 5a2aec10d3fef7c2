package buildcontext

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

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
	layout := s.layout()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(h.options.Workers, len(todo)) {
		workers.Go(func() {
			r := reader{sha256.New(), make([]byte, bufferSize)}
			for i := int(next.Add(1)) - 1; i < len(todo) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f := &files[todo[i]]
				failed[i] = r.readStable(f, layout.disk(f.Path))
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return problems(slices.DeleteFunc(failed, func(e *FileError) bool { return e == nil })).err()
}

// attempts is how often a file is read that changes while it is read, such as a log.
const attempts = 3

// A reader reads files one after the other.
type reader struct {
	sha    hash.Hash
	buffer []byte
}

// readStable sets the digest of a file. If the file changed since the scan, it also
// sets its size, mode and stamp.
func (r reader) readStable(f *File, disk string) *FileError {
	problem := r.read(f, disk)
	for i := 1; i < attempts && problem != nil && problem.Reason == Changed; i++ {
		info, err := os.Stat(disk)
		if err != nil || !info.Mode().IsRegular() {
			return problem
		}
		f.Mode, f.Size, f.stat = archiveMode(info.Mode()), info.Size(), newStamp(info)
		problem = r.read(f, disk)
	}
	return problem
}

// read sets the digest of a file that is in the state of its stamp.
func (r reader) read(f *File, disk string) *FileError {
	file, problem := openRegular(disk)
	if problem != nil {
		return problem
	}
	defer file.Close()
	r.sha.Reset()
	quick := quickSum{known: true}
	for left := f.Size; left > 0; {
		n, err := file.Read(r.buffer[:min(left, int64(len(r.buffer)))])
		r.sha.Write(r.buffer[:n])
		quick.sum = crc32.Update(quick.sum, castagnoli, r.buffer[:n])
		if left -= int64(n); err != nil && left > 0 {
			return readError(disk, err)
		}
	}
	if problem := checkUnchanged(file, disk, f.stat); problem != nil {
		return problem
	}
	r.sha.Sum(f.Digest[:0])
	f.quick = quick
	return nil
}

// openRegular opens a regular file of a scan.
func openRegular(disk string) (*os.File, *FileError) {
	f, err := input.Open(disk)
	var special *input.NotRegularError
	switch {
	case missing(err), errors.Is(err, syscall.EISDIR), errors.As(err, &special):
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
