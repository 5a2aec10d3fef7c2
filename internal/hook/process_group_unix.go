//go:build unix

package hook

import (
	"os/exec"
	"syscall"
)

// setProcessGroup puts a command into a process group of its own, which is ended as a
// whole: a signal of the terminal's does not reach it before fleet decides.
func setProcessGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
