// Package hook runs commands of the user's on this machine.
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

// waitDelay is how long a command that was ended may take to let go of its
// output.
const waitDelay = 2 * time.Second

// maxLineLength is where a line of output is cut, in bytes.
const maxLineLength = 4 << 10

// Run runs a command line by the shell, with an environment in the form of
// os.Environ, and hands over its output line by line, from the goroutine of
// another function. The command and all that it has started are ended when ctx
// ends or the time is over; what it leaves running is not waited for. An error says how the command ended.
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
		return fmt.Errorf("it was ended after %s", timeout)
	case errors.Is(err, exec.ErrWaitDelay): // what it left running goes on
		return nil
	case errors.As(err, &status) && status.ExitCode() >= 0:
		return fmt.Errorf("exit code %d", status.ExitCode())
	}
	return err
}

// forwardLines hands over lines, and cuts those that are too long.
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
