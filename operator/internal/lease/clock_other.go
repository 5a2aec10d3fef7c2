//go:build !linux

package lease

import "time"

var start = time.Now()

// now returns the time since the process started. It need not include the time that the
// machine slept: a process that wakes may send one request before it finds its lease lost.
func now() time.Duration {
	return time.Since(start)
}
