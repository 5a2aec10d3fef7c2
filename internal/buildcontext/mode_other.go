//go:build !windows

package buildcontext

import "io/fs"

// archiveMode returns the mode of a file in an archive: 0755 if its owner may execute
// it, else 0644. As in git, other permissions depend on the umask of the person who
// checked the files out, and must not change the hash.
func archiveMode(mode fs.FileMode) fs.FileMode {
	if mode&0o100 != 0 {
		return 0o755
	}
	return 0o644
}
