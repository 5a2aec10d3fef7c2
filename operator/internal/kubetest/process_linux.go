package kubetest

import "syscall"

// endWithParent returns attributes of a process that the kernel kills when its parent ends.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
