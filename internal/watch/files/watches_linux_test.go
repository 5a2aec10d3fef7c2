package files

import (
	"os"
	"strings"
	"testing"
)

// watches returns the number of watches of the process, and 1000 more for each further
// watcher of the system.
func watches(t *testing.T) (n int) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if target, _ := os.Readlink("/proc/self/fd/" + fd.Name()); target != "anon_inode:inotify" {
			continue
		}
		info, err := os.ReadFile("/proc/self/fdinfo/" + fd.Name())
		if err != nil {
			t.Fatal(err)
		}
		n += 1000 + strings.Count(string(info), "inotify wd:")
	}
	return n
}
