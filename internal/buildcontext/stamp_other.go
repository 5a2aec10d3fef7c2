//go:build !linux && !darwin

package buildcontext

import "io/fs"

// newStamp returns the stamp of a file, without its inode and the time of its last
// change, which are not portable.
func newStamp(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), mtime: info.ModTime().UnixNano()}
}
