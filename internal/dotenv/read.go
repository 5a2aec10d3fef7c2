package dotenv

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"fleet/internal/input"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 1 << 20

var errTooLarge = fmt.Errorf("it is larger than %d MiB, the largest dotenv file that fleet reads", MaxSize>>20)

// ReadFile reads a file that need not exist: it returns nil if there is none, or
// if there is a directory of that name, as both libraries do. What is neither is
// refused: it could block, or never end.
func ReadFile(name, prefix string) (*File, error) {
	f, err := input.Open(name)
	var irregular *input.NotRegularError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EISDIR):
		return nil, nil
	case errors.As(err, &irregular):
		return nil, errors.New("it is not a regular file; name it with --env-file to read it all the same")
	case err != nil:
		return nil, WithoutPath(err)
	}
	defer f.Close()
	return Read(f, prefix)
}

// Read reads at most MaxSize bytes, and fails if there are more.
func Read(r io.Reader, prefix string) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, WithoutPath(err)
	}
	return Parse(text, prefix)
}

// WithoutPath returns an error without the name of the file, which the caller prints.
func WithoutPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
