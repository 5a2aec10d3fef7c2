package buildcontext

// A stamp identifies the state of a file on disk without reading its content. If two
// stamps are equal, the content is the same, unless the file was changed within one
// tick of the clock of its file system. Times are in nanoseconds since 1970.
type stamp struct {
	size, mtime int64
	ctime       int64  // of the last change of content or mode; 0 where it is unknown
	inode       uint64 // 0 where it is unknown
}
