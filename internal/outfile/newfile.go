package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fleet/internal/exit"
)

// A NewFile is a file that a command creates.
type NewFile struct {
	Path  string
	Perm  fs.FileMode
	Force bool   // replace an existing file
	Hint  string // what to do if the file exists and Force is not set; a sentence without a period
}

// CheckFree returns an error if the file exists and must not be replaced.
// Commands call it before any work. A pipe is always free: writing into it
// replaces nothing.
func (f NewFile) CheckFree() error {
	switch info, err := os.Lstat(f.Path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("checking %s: %w", f.Path, err)
	case info.IsDir():
		return exit.Invalidf("%s is a directory; nothing was written; name a file in it", f.Path)
	case f.Force:
		return nil
	}
	if end, err := resolve(f.Path); err == nil && IsStream(end) {
		return nil
	}
	return f.existsError()
}

// WriteNew writes the file. A file that was created since [NewFile.CheckFree] is
// not replaced.
func (x Writer) WriteNew(f NewFile, text []byte) error {
	if err := f.CheckFree(); err != nil {
		return err
	}
	write := x.Write
	if _, err := os.Lstat(f.Path); !f.Force && errors.Is(err, fs.ErrNotExist) {
		write = writeNew
	}
	switch err := write(f.Path, text, f.Perm); {
	case errors.Is(err, fs.ErrExist):
		return f.existsError()
	case err != nil:
		return fmt.Errorf("writing %s: %w", f.Path, err)
	}
	return nil
}

func (f NewFile) existsError() error {
	return exit.Refusedf("%s exists; nothing was written. %s", f.Path, f.Hint)
}
