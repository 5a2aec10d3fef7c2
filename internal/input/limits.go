package input

import (
	"fmt"
	"io/fs"
)

// The limits of inputs, in bytes; docs/limits.md lists them. YAML needs up to 200 times
// its size in memory.
const (
	MaxSpec   = 8 << 20   // a file of the spec, of variables or of a secret
	MaxRules  = 1 << 20   // rules of gc
	MaxList   = 8 << 20   // selections, certificates
	MaxReport = 128 << 20 // a saved plan, a report
	MaxState  = 1 << 30   // the state of the embedded Daytona
	MaxOutput = 8 << 20   // the output of a command that provides a value
	MaxLine   = 4 << 10   // an answer at a terminal
)

// A TooLargeError reports an input above its limit.
type TooLargeError struct {
	Name  string // of the input, such as a path
	Limit int64  // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s is larger than the limit of %s", e.Name, FormatSize(e.Limit))
}

// FormatSize returns a number of bytes as text, such as 8 MiB.
func FormatSize(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// A NotRegularError reports a path that is not a regular file.
type NotRegularError struct {
	Name string
	Mode fs.FileMode
}

func (e *NotRegularError) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Name, modeName(e.Mode))
}

func modeName(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
