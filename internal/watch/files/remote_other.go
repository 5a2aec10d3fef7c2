//go:build !linux

package files

// isRemote returns false: on this system, fleet does not recognise network file systems.
func isRemote(string) bool { return false }
