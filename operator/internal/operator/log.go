package operator

import (
	"errors"
	"io"
	"log/slog"

	"github.com/go-logr/logr"
)

// errNotSynced is why the operator is not ready.
var errNotSynced = errors.New("the objects of the cluster were not read yet")

// textLogger returns a logger that writes lines of text. Messages of the libraries below
// the level of a warning are left out.
func textLogger(w io.Writer) logr.Logger {
	return logr.FromSlogHandler(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}
