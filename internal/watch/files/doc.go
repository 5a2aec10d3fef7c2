// Package files is the trigger of file changes of a watch. It watches the directories of
// all files that a spec depends on, of the links that lead to them, and of their parents:
// files and directories may vanish and return, and links may be led elsewhere. Where the
// system reports no events, it compares the files instead.
package files
