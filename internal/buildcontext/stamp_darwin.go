package buildcontext

import (
	"io/fs"
	"syscall"
)

// newStamp returns the stamp of a file.
func newStamp(info fs.FileInfo) stamp {
	s := stamp{size: info.Size(), mtime: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.ctime, s.inode = sys.Ctimespec.Nano(), sys.Ino
	}
	return s
}
