package cli

import "io"

// A checked writer remembers that a write failed. Text is printed piece by
// piece and nobody looks at each piece; whoever reads a file that it was sent to
// must not take a part for the whole.
type errWriter struct {
	out io.Writer
	err error // of the first write that failed
}

func (c *errWriter) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}
