//go:build !linux

package kubetest

import "syscall"

// endWithParent returns attributes without effect: only Main ends the processes.
func endWithParent() *syscall.SysProcAttr {
	return nil
}
