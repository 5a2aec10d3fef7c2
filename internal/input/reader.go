package input

import (
	"context"
	"io"
	"os"
)

// NewReader returns a reader of r whose Read ends with the context, even where
// that of r would wait longer. It takes no more from r than it returns, but for
// a Read of something else than a file, which goes on alone when the context
// ends.
func NewReader(ctx context.Context, r io.Reader) io.Reader { return &reader{ctx, r} }

type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	f, isFile := r.from.(*os.File)
	if !isFile || !canPoll {
		return r.readInGoroutine(p)
	}
	if err := waitReadable(r.ctx, f); err != nil {
		return 0, err
	}
	return f.Read(p)
}

// readInGoroutine reads in a goroutine, which ends with the Read of what it reads.
func (r *reader) readInGoroutine(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	buffer := make([]byte, len(p)) // the caller may use p again before the Read ends
	done := make(chan result, 1)
	go func() {
		n, err := r.from.Read(buffer)
		done <- result{n, err}
	}()
	select {
	case x := <-done:
		return copy(p, buffer[:x.n]), x.err
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}
