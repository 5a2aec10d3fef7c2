package buildcontext

import "io/fs"

// archiveMode returns the mode of a file in an archive. Windows has no permissions in
// the sense of Unix: as with docker build, all files are executable, and only their
// owner can write to them.
func archiveMode(fs.FileMode) fs.FileMode { return 0o755 }
