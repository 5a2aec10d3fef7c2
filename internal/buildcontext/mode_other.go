//go:build !windows

package buildcontext

import "io/fs"

// archiveMode returns the mode of a file in an archive.
func archiveMode(mode fs.FileMode) fs.FileMode {
	return mode & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
}
