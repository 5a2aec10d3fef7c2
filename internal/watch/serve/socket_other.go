//go:build !unix

package serve

import (
	"context"
	"errors"
)

// OpenSocket returns an error: the socket needs the file permissions of unix.
func OpenSocket(context.Context, string) (*Socket, error) {
	return nil, errors.New("fleet has no socket for commands on this system; use --listen, and --url for the commands")
}
