package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// A newFile is a file to be written as a whole or not at all.
type newFile struct {
	path  string
	perm  fs.FileMode
	force bool   // replace what is there
	hint  string // what to do when it is there and must not be replaced
}

// checkFree refuses to write over a file. It is asked before any work is done. What
// is written into a pipe replaces nothing.
func (f newFile) checkFree() error {
	switch info, err := os.Lstat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking for %s: %w", f.path, err)
	case info.IsDir():
		return invalid("%s is a directory: nothing was written. Name a file in it", f.path)
	case f.force:
		return nil
	}
	if end, err := resolvePath(f.path); err == nil && isStream(end) {
		return nil
	}
	return refused("%s exists: nothing was written. %s", f.path, f.hint)
}

// write writes the file.
func (f newFile) write(a *app, text []byte) error {
	if err := f.checkFree(); err != nil { // it may be there by now
		return err
	}
	write := a.writeAtomically
	if _, err := os.Lstat(f.path); !f.force && errors.Is(err, fs.ErrNotExist) {
		write = writeNew
	}
	switch err := write(f.path, text, f.perm); {
	case errors.Is(err, fs.ErrExist):
		return refused("%s exists: nothing was written. %s", f.path, f.hint)
	case err != nil:
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}
