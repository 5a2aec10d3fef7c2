package dotenv

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"fleet/internal/input"
)

// MaxSize is the maximum size of a dotenv file in bytes.
const MaxSize = 1 << 20

var errTooLarge = fmt.Errorf("it is larger than the limit of %d MiB", MaxSize>>20)

// ReadFile reads a file. It returns nil if the file does not exist or is a directory,
// as both libraries do. Other kinds of files, such as pipes, are an error, since
// reading them could block.
func ReadFile(name, prefix string) (*File, error) {
	f, err := input.Open(name)
	var irregular *input.NotRegularError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EISDIR):
		return nil, nil
	case errors.As(err, &irregular):
		return nil, errors.New("it is not a regular file; to read it anyway, name it with --env-file")
	case err != nil:
		return nil, WithoutPath(err)
	}
	defer f.Close()
	return Read(f, prefix)
}

// Read reads from r. More than MaxSize bytes are an error.
func Read(r io.Reader, prefix string) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, WithoutPath(err)
	}
	return Parse(text, prefix)
}

// WithoutPath returns an error without the path of the file, for callers that print it
// themselves.
func WithoutPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
