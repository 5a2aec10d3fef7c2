// Package outfile writes the files that a command was asked for, each as a whole
// or not at all.
package outfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
)

// PrivateMode is the mode of files that may hold secrets.
const PrivateMode fs.FileMode = 0o600

// A Writer writes the files that a command was asked for. Paths such as
// /dev/stdout are the command's own streams, which escape and redact.
type Writer struct {
	Context        context.Context // its end stops waiting for the reader of a pipe
	Stdout, Stderr io.Writer
}

// Write replaces a file as a whole: a reader sees the old text or the new one.
// It replaces the target of a link, not the link. Text for a pipe, a device or a
// standard stream is written into it.
func (x Writer) Write(file string, text []byte, perm fs.FileMode) error {
	end, err := resolve(file)
	if err != nil {
		return err
	}
	if IsStream(end) {
		return x.writeStream(end, text)
	}
	if perm == PrivateMode {
		return replacePrivate(end, text)
	}
	return maybe.WriteFile(end, text, perm)
}

// WriteBy is Write for a private file whose text write writes. It keeps the text in
// memory only if it is for a pipe, a device or a standard stream.
func (x Writer) WriteBy(file string, write func(io.Writer) error) error {
	end, err := resolve(file)
	if err != nil {
		return err
	}
	if !IsStream(end) {
		return writeAndMove(end, write, PrivateMode, os.Rename)
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	return x.writeStream(end, text.Bytes())
}

// replacePrivate replaces a file with one that only its owner can read, for any
// mode of the old one.
func replacePrivate(file string, text []byte) error {
	return writeAndMove(file, writes(text), PrivateMode, os.Rename)
}

// writeNew writes a file that must not exist. If another process creates it at
// the same time, that file stays and the error is [fs.ErrExist].
func writeNew(file string, text []byte, perm fs.FileMode) error {
	return writeAndMove(file, writes(text), perm, func(from, to string) error {
		err := os.Link(from, to)
		if err == nil || errors.Is(err, fs.ErrExist) {
			_ = os.Remove(from) // the file keeps its other name
			return err
		}
		return os.Rename(from, to) // the file system has no hard links
	})
}

// writes returns a function that writes a text.
func writes(text []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}
}

// writeAndMove writes a temporary file in the same directory and moves it into
// place.
func writeAndMove(file string, write func(io.Writer) error, perm fs.FileMode, move func(from, to string) error) error {
	f, err := createSibling(file, perm)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = move(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the cause
	}
	return err
}

// createSibling creates a temporary file in the directory of another one. Its
// errors name the other one.
func createSibling(file string, perm fs.FileMode) (*os.File, error) {
	name := filepath.Join(filepath.Dir(file), fmt.Sprintf(".fleet-%016x", rand.Uint64()))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return nil, &fs.PathError{Op: "write", Path: file, Err: failed.Err}
	}
	return f, err
}

// Create replaces a file with an empty one and returns it, for text that is
// written bit by bit.
func (x Writer) Create(file string) (io.Writer, error) {
	end, err := resolve(file)
	if err != nil {
		return nil, err
	}
	if w := x.standardStream(end); w != nil {
		return w, nil
	}
	if IsStream(end) {
		return x.openStream(end)
	}
	f, err := createSibling(end, PrivateMode)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(f.Name(), end); err != nil {
		f.Close()
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return f, nil
}

// CheckWritable returns an error if a file cannot be written as a whole: it is a
// directory, or nothing can be created in its directory.
func CheckWritable(file string) error {
	end, err := resolve(file)
	if err != nil {
		return err
	}
	if info, err := os.Stat(end); err == nil && info.IsDir() {
		return errors.New("is a directory; name a file in it")
	}
	if IsStream(end) {
		return nil
	}
	dir := filepath.Dir(end)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("directory %s does not exist", dir)
	}
	probe, err := os.CreateTemp(dir, ".fleet-*")
	if err != nil {
		return fmt.Errorf("cannot write to directory %s: %w", dir, errors.Unwrap(err))
	}
	probe.Close()
	return os.Remove(probe.Name())
}
