//go:build !unix

package input

import (
	"context"
	"os"
)

// canPoll reports whether waitReadable waits.
const canPoll = false

func open(file string) (*os.File, error) { return os.Open(file) }

func waitReadable(ctx context.Context, _ *os.File) error { return ctx.Err() }
