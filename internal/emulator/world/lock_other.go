//go:build !unix

package world

// fileLock does nothing on systems without flock.
type fileLock struct{}

func lockFile(string, LockOptions) (*fileLock, error) { return &fileLock{}, nil }

func (l *fileLock) release() {}
