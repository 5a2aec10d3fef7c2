package input

import (
	"context"
	"io"
	"os"
)

// Reader returns a reader of r whose Read ends with the context, even where
// that of r would wait longer. It takes no more from r than it returns, but for
// a Read of something else than a file, which goes on alone when the context
// ends.
func Reader(ctx context.Context, r io.Reader) io.Reader { return &reader{ctx, r} }

type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	f, isFile := r.from.(*os.File)
	if !isFile || !polls {
		return r.readAside(p)
	}
	if err := ready(r.ctx, f); err != nil {
		return 0, err
	}
	return f.Read(p)
}

// readAside reads in a goroutine, which ends with the Read of what it reads.
func (r *reader) readAside(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	own := make([]byte, len(p)) // the caller may use p again before the Read ends
	ended := make(chan result, 1)
	go func() {
		n, err := r.from.Read(own)
		ended <- result{n, err}
	}()
	select {
	case x := <-ended:
		return copy(p, own[:x.n]), x.err
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}
