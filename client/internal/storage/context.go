package storage

import (
	"errors"
	"fmt"
	"io"
	"regexp"
)

// A Context is a build context to upload.
type Context struct {
	Hash string // names the object; the storage does not check it
	Size int64  // bytes of the content, which is a tar

	// Open returns the content from its start. It is called at most once for an upload,
	// and not at all if the storage has the context.
	Open func() (io.ReadCloser, error)

	// Progress is called while the context is sent, with the bytes sent and the size. The
	// bytes never decrease: what is sent again is not counted twice. Calls for one context
	// do not overlap, and must not block. nil means that progress is not reported.
	Progress func(sent, total int64)
}

// The name of the object of a context, and its type.
const (
	contextFile = "context.tar"
	contextType = "application/x-tar"
)

// MaxSize is the size in bytes of the largest context. The storage accepts as many parts.
const MaxSize int64 = partSize * maxParts

// safeElement matches elements of a path that are the same in a URL and in a signature.
var safeElement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// check returns an error if the context cannot be uploaded.
func (c Context) check() error {
	switch {
	case !safeElement.MatchString(c.Hash):
		return fmt.Errorf("uploading a build context: %q cannot be part of the name of an object", c.Hash)
	case c.Size <= 0:
		return c.errorf("%d bytes cannot be uploaded", c.Size)
	case c.Size > MaxSize:
		return c.errorf("it has %d bytes, and the storage accepts %d: leave files out, for example with .dockerignore", c.Size, MaxSize)
	}
	return nil
}

// open returns the content from its start.
func (c Context) open() (io.ReadCloser, error) {
	content, err := c.Open()
	if err != nil {
		return nil, c.errorf("%w", err)
	}
	return content, nil
}

// readAll reads the whole content.
func (c Context) readAll(data []byte) error {
	content, err := c.open()
	if err != nil {
		return err
	}
	defer content.Close()
	if err := c.fill(content, data); err != nil {
		return err
	}
	return c.checkEnd(content)
}

// fill reads the next bytes of the content.
func (c Context) fill(content io.Reader, data []byte) error {
	_, err := io.ReadFull(content, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return c.changed("fewer")
	}
	if err != nil {
		return c.errorf("%w", err)
	}
	return nil
}

// checkEnd returns an error if the content continues after its size.
func (c Context) checkEnd(content io.Reader) error {
	n, err := io.ReadFull(content, make([]byte, 1))
	switch {
	case n > 0:
		return c.changed("more")
	case !errors.Is(err, io.EOF):
		return c.errorf("%w", err)
	}
	return nil
}

func (c Context) changed(than string) error {
	return c.errorf("its files changed while it was read: it has %s than %d bytes; run the command again", than, c.Size)
}

func (c Context) errorf(format string, args ...any) error {
	return fmt.Errorf("uploading the build context %s: "+format, append([]any{c.Hash}, args...)...)
}
