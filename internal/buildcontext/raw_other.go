//go:build !linux && !darwin

package buildcontext

import (
	"errors"
	"io"
	"os"

	"fleet/internal/input"
)

// A rawFile is an open file.
type rawFile struct{ file *os.File }

// openRaw opens a regular file for reading.
func openRaw(disk string) (rawFile, error) {
	f, err := input.Open(disk)
	return rawFile{f}, err
}

// read reads at most len(b) bytes. It returns 0 at the end of the file.
func (f rawFile) read(b []byte) (int, error) {
	n, err := f.file.Read(b)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// stamp returns the state of the file.
func (f rawFile) stamp() (stamp, error) {
	info, err := f.file.Stat()
	if err != nil {
		return stamp{}, err
	}
	return newStamp(info), nil
}

func (f rawFile) close() { _ = f.file.Close() }
