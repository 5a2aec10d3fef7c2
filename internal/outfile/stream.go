package outfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// standardStream returns the command's stream for a path such as /dev/stdout, or
// nil for other paths.
func (x Writer) standardStream(stream string) io.Writer {
	switch stream {
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return x.Stdout
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2":
		return x.Stderr
	}
	return nil
}

// writeStream writes into a stream. A write that blocks ends with the context,
// unless that has ended before: reports of interrupted runs are written too.
func (x Writer) writeStream(stream string, text []byte) error {
	if w := x.standardStream(stream); w != nil {
		_, err := w.Write(text)
		return err
	}
	f, err := x.openStream(stream)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = noReaderError(x.Context, stream)
	}
	return errors.Join(err, f.Close())
}

// noReaderError returns the error of a write that the context ended.
func noReaderError(ctx context.Context, pipe string) error {
	return fmt.Errorf("no process reads the pipe %s: %w", pipe, ctx.Err())
}

// openStream opens a stream for writing. It waits for a reader of a pipe until
// the context ends.
func (x Writer) openStream(stream string) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND
	f, err := os.OpenFile(stream, flags|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		f, err = openWhenRead(x.Context, stream, flags)
	}
	if err == nil && x.Context.Err() == nil {
		context.AfterFunc(x.Context, func() { _ = f.SetWriteDeadline(time.Unix(1, 0)) }) // files without deadlines do not block
	}
	return f, err
}

// openWhenRead opens a pipe as soon as it has a reader.
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
