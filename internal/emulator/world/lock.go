package world

import "fmt"

// LockOptions configure the lock of a state file.
type LockOptions struct {
	Owner  string // describes this process, for others; at most maxOwner bytes of it are read
	NoWait bool   // fails at once if another process has the lock
}

// maxOwner is the number of bytes that are read of an owner.
const maxOwner = 200

// A LockedError reports that another process uses a state file.
type LockedError struct {
	File  string // that is locked
	Owner string // of the lock, as it describes itself; empty if it is unknown
}

func (e *LockedError) Error() string {
	if e.Owner == "" {
		return fmt.Sprintf("state file is in use by another process (%s is locked)", e.File)
	}
	return fmt.Sprintf("state file is in use by %q (%s is locked)", e.Owner, e.File)
}
