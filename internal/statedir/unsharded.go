package statedir

import (
	"os"
	"time"
)

// unshardedPeriod is how long a server that does not list sandboxes by the beginning of
// their ids is not tried again. A new version of it may do so.
const unshardedPeriod = 24 * time.Hour

// MarkUnsharded records that a server does not list sandboxes by the beginning of their
// ids. An empty Dir keeps nothing.
func (d Dir) MarkUnsharded(server string) error {
	if d == "" {
		return nil
	}
	file, err := d.Path("unsharded", key(serverName(server)))
	if err != nil {
		return err
	}
	return replace(file, nil)
}

// Unsharded reports whether MarkUnsharded recorded the server less than a day ago.
func (d Dir) Unsharded(server string) bool {
	file, err := d.Path("unsharded", key(serverName(server)))
	if err != nil {
		return false
	}
	info, err := os.Stat(file)
	if err != nil {
		return false
	}
	age := time.Since(info.ModTime())
	return age >= 0 && age < unshardedPeriod
}
