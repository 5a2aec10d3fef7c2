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
				f.Digest, failed[i] = digestFile(s.disk(f.Path), f.stat, buffer)
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

// digestFile returns the digest of a file in the state of a stamp.
func digestFile(disk string, want stamp, buffer []byte) ([32]byte, *FileError) {
	f, err := openUnchanged(disk, want)
	if err != nil {
		return [32]byte{}, err
	}
	defer f.Close()
	h := sha256.New()
	for left := want.size; left > 0; {
		n, err := f.Read(buffer[:min(left, int64(len(buffer)))])
		h.Write(buffer[:n])
		if left -= int64(n); err != nil && left > 0 {
			return [32]byte{}, readError(disk, err)
		}
	}
	if err := checkUnchanged(f, disk, want); err != nil {
		return [32]byte{}, err
	}
	return [32]byte(h.Sum(nil)), nil
}

// openUnchanged opens a regular file in the state of a stamp.
func openUnchanged(disk string, want stamp) (*os.File, *FileError) {
	f, err := input.Open(disk)
	if err != nil {
		var special *input.NotRegularError
		if missing(err) || errors.As(err, &special) {
			return nil, &FileError{Path: disk, Reason: Changed, Err: err}
		}
		return nil, &FileError{Path: disk, Reason: Unreadable, Err: err}
	}
	if err := checkUnchanged(f, disk, want); err != nil {
		f.Close()
		return nil, err
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
