package input

import (
	"context"
	"io"
	"os"
)

// NewReader returns a reader of r whose Read returns when ctx is done, even if a Read
// of r would block longer. It reads no more from r than it returns. If r is not a
// file, a blocked Read of r continues in the background after ctx is done.
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

// readInGoroutine reads in a goroutine, which ends when the Read of r returns.
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
