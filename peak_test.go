package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// peak runs a command and prints its peak memory in KiB as the last line of standard
// error. It runs in its own process, since Linux includes the memory of the process
// that starts the command.
func peak() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	os.Exit(cmd.ProcessState.ExitCode())
}
