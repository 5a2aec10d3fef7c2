//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory returns the peak memory of a process that ended, in bytes; 0 if the system
// does not report it. It is not less than that of this program when it started the
// process.
func peakMemory(p *os.ProcessState) float64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin" || runtime.GOOS == "ios":
		return float64(usage.Maxrss)
	default:
		return float64(usage.Maxrss) * 1024
	}
}
