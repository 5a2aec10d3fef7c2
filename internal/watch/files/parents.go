//go:build linux || windows

package files

// parentsWatched reports whether the directories above those of files are watched, too.
const parentsWatched = true
