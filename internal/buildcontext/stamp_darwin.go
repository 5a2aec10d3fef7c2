package buildcontext

import (
	"io/fs"
	"syscall"
)

// newStamp returns the stamp of a file.
func newStamp(info fs.FileInfo) stamp {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return statStamp(sys)
	}
	return stamp{size: info.Size(), mtime: info.ModTime().UnixNano()}
}

// statStamp returns the stamp of a file from the result of stat.
func statStamp(s *syscall.Stat_t) stamp {
	return stamp{size: s.Size, mtime: s.Mtimespec.Nano(), ctime: s.Ctimespec.Nano(), inode: s.Ino}
}
