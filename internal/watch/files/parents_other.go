//go:build !linux && !windows

package files

// parentsWatched reports whether the directories above those of files are watched, too.
// Here a watch of a directory opens all files in it, and such directories have many: the
// files are compared instead.
const parentsWatched = false
