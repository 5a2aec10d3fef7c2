// Package hook runs the user's commands on this machine.
package hook

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// waitDelay is how long the output of a killed command may remain open.
const waitDelay = 2 * time.Second

// maxLineLength is the length in bytes at which a line of output is cut.
const maxLineLength = 4 << 10

// Run executes a command line with the shell. The environment has the form of
// os.Environ. Run calls output for each line of output, from another goroutine, and
// not after it returns. If ctx is done or the timeout expires, the command and all
// processes that it started are killed. Run does not wait for processes that a
// successful command leaves running. The error states the exit code or the timeout.
func Run(ctx context.Context, line string, environment []string, timeout time.Duration, output func(line string)) error {
	timeoutCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(timeoutCtx, "sh", "-c", line)
	cmd.Env = environment
	cmd.WaitDelay = waitDelay
	setProcessGroup(cmd)
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	outputDone := make(chan struct{})
	go func() { // ends with the writer, which is closed below
		defer close(outputDone)
		forwardLines(r, output)
	}()
	err := cmd.Run()
	_ = w.Close() // it never fails
	<-outputDone
	var status *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case timeoutCtx.Err() != nil:
		return fmt.Errorf("timed out after %s", timeout)
	case errors.Is(err, exec.ErrWaitDelay): // processes that it started continue
		return nil
	case errors.As(err, &status) && status.ExitCode() >= 0:
		return fmt.Errorf("exit code %d", status.ExitCode())
	}
	return err
}

// forwardLines passes on lines, and cuts those that are too long.
func forwardLines(r io.Reader, output func(string)) {
	in := bufio.NewReaderSize(r, maxLineLength)
	for {
		text, cut, err := in.ReadLine()
		if err != nil {
			return
		}
		output(strings.ToValidUTF8(string(text), "?"))
		for cut && err == nil {
			_, cut, err = in.ReadLine()
		}
	}
}
