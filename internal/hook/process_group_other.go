//go:build !unix

package hook

import "os/exec"

// setProcessGroup does nothing: only the command itself is killed, not the processes
// that it started.
func setProcessGroup(*exec.Cmd) {}
