// Package statedir keeps what fleet remembers on this machine between commands:
// reports of the last runs, requests that lists may not show yet, and which
// snapshots a fleet created. No plan depends on it for its result to be safe: a
// missing or damaged file counts as empty.
package statedir

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2/maybe"
)

// A Dir is the path of the directory of state. The empty Dir keeps nothing.
type Dir string

// ErrNone is the error for commands that need a directory of state.
var ErrNone = errors.New("no directory for state: set HOME or XDG_STATE_HOME")

// Find returns the directory that the environment names: fleet below
// XDG_STATE_HOME, or else below ~/.local/state. It is empty if neither variable
// is set.
func Find(lookup func(name string) (value string, ok bool)) Dir {
	if dir, _ := lookup("XDG_STATE_HOME"); dir != "" {
		return Dir(filepath.Join(dir, "fleet"))
	}
	if home, _ := lookup("HOME"); home != "" {
		return Dir(filepath.Join(home, ".local", "state", "fleet"))
	}
	return ""
}

// Path returns the path of a file below the directory, or [ErrNone].
func (d Dir) Path(elements ...string) (string, error) {
	if d == "" {
		return "", ErrNone
	}
	return filepath.Join(append([]string{string(d)}, elements...)...), nil
}

// LastReport returns the path of the report of a fleet's last run on a server.
func (d Dir) LastReport(server, fleet string) (string, error) {
	return d.Path("reports", fmt.Sprintf("%s-%s.json", fleet, key(serverName(server)+"\n"+fleet)))
}

// SaveLastReport replaces the report of a fleet's last run on a server.
func (d Dir) SaveLastReport(server, fleet string, text []byte) error {
	file, err := d.LastReport(server, fleet)
	if err != nil {
		return err
	}
	return replace(file, text)
}

// replace writes a private file, and its directory if it does not exist.
func replace(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return maybe.WriteFile(file, text, 0o600)
}

// serverName returns a URL as it is hashed: a slash at its end does not matter.
func serverName(server string) string { return strings.TrimRight(server, "/") }

// key returns a short digest of a text that may not be fit for a file name.
func key(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}
