//go:build !unix

package input

import (
	"context"
	"os"
)

const polls = false

func open(file string) (*os.File, error) { return os.Open(file) }

func ready(ctx context.Context, _ *os.File) error { return ctx.Err() }
