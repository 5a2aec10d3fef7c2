package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/google/renameio/v2/maybe"
)

// privateMode is the mode of files that may hold something sensitive.
const privateMode fs.FileMode = 0o600

// writeAtomically writes a file at once or not at all. A link's target is replaced,
// not the link. Into a pipe, a device and the standard streams, whatever they
// lead to, the text is written.
func (a *app) writeAtomically(file string, text []byte, perm fs.FileMode) error {
	end, err := resolvePath(file)
	if err != nil {
		return err
	}
	if isStream(end) {
		return a.writeStream(end, text)
	}
	if perm == privateMode {
		return replacePrivate(end, text)
	}
	return maybe.WriteFile(end, text, perm)
}

// replacePrivate replaces a file by one that only its owner can read, whatever
// mode the old one had.
func replacePrivate(file string, text []byte) error {
	return writeAndMove(file, text, privateMode, os.Rename)
}

// writeNew writes a file that must not be there yet: one that appears meanwhile
// stays, and is the error [fs.ErrExist].
func writeNew(file string, text []byte, perm fs.FileMode) error {
	return writeAndMove(file, text, perm, func(from, to string) error {
		err := os.Link(from, to)
		if err == nil || errors.Is(err, fs.ErrExist) {
			_ = os.Remove(from) // the other name stays
			return err
		}
		return os.Rename(from, to) // the file system has no links
	})
}

// writeAndMove writes a file beside the one that is meant, and moves it there.
func writeAndMove(file string, text []byte, perm fs.FileMode, move func(from, to string) error) error {
	f, err := createSibling(file, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = move(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error says why
	}
	return err
}

// createSibling creates a file in the directory of another one.
func createSibling(file string, perm fs.FileMode) (*os.File, error) {
	name := filepath.Join(filepath.Dir(file), fmt.Sprintf(".fleet-%016x", rand.Uint64()))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return nil, &fs.PathError{Op: "write", Path: file, Err: failed.Err}
	}
	return f, err
}

// createFile begins a file that grows: an empty one takes the place of the old one.
func (a *app) createFile(file string) (io.Writer, error) {
	end, err := resolvePath(file)
	if err != nil {
		return nil, err
	}
	if w := a.standardStream(end); w != nil {
		return w, nil
	}
	if isStream(end) {
		return a.openStream(end)
	}
	f, err := createSibling(end, privateMode)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(f.Name(), end); err != nil {
		f.Close()
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return f, nil
}

// descriptorPath matches the names of what is open already.
var descriptorPath = regexp.MustCompile(`^/dev/(stdin|stdout|stderr|fd/\d+)$|^/proc/(self|thread-self|\d+)/fd/\d+$`)

// maxLinks is how many links may lead to a file.
const maxLinks = 40

// resolvePath follows the links of a path to the file that they lead to, which need
// not be there. The name of something that is open already is an end, too.
func resolvePath(file string) (string, error) {
	for range maxLinks {
		if descriptorPath.MatchString(filepath.Clean(file)) {
			return filepath.Clean(file), nil
		}
		to, err := os.Readlink(file)
		if err != nil {
			return file, nil //nolint:nilerr // it is no link, or is not there
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(file), to)
		}
		file = to
	}
	return "", &fs.PathError{Op: "write", Path: file, Err: errors.New("too many links")}
}

// isStream reports whether text is written into the end of a path instead of
// replacing it.
func isStream(end string) bool {
	if descriptorPath.MatchString(end) {
		return true
	}
	info, err := os.Stat(end)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// standardStream returns a standard stream of the process by its name as a file, and
// nil for other names.
func (a *app) standardStream(stream string) io.Writer {
	switch stream {
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return a.Out
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2":
		return a.Err
	}
	return nil
}

// writeStream writes into a stream. Unless the command was interrupted before, the
// write ends with the command's context.
func (a *app) writeStream(stream string, text []byte) error {
	if w := a.standardStream(stream); w != nil {
		_, err := w.Write(text)
		return err
	}
	f, err := a.openStream(stream)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = noReaderError(a.interrupt.ctx, stream)
	}
	return errors.Join(err, f.Close())
}

// noReaderError is the error of a write that the context ended.
func noReaderError(ctx context.Context, pipe string) error {
	return fmt.Errorf("nobody reads the pipe %s: %w", pipe, ctx.Err())
}

// openStream opens a stream for writing. For the reader of a pipe it waits until
// the context ends.
func (a *app) openStream(stream string) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND
	f, err := os.OpenFile(stream, flags|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		f, err = openWhenRead(a.interrupt.ctx, stream, flags)
	}
	if err == nil && a.interrupt.ctx.Err() == nil {
		context.AfterFunc(a.interrupt.ctx, func() { _ = f.SetWriteDeadline(time.Unix(1, 0)) }) // what takes no deadline does not wait
	}
	return f, err
}

// openWhenRead opens a pipe that nobody reads yet.
func openWhenRead(ctx context.Context, pipe string, flags int) (*os.File, error) {
	type result struct {
		f   *os.File
		err error
	}
	opened := make(chan result, 1)
	go func() { // ends with the process if the context ends first
		f, err := os.OpenFile(pipe, flags, 0)
		opened <- result{f, err}
	}()
	select {
	case x := <-opened:
		return x.f, x.err
	case <-ctx.Done():
		return nil, noReaderError(ctx, pipe)
	}
}
