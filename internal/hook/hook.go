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

// longestLine is where a line of output is cut, in bytes.
const longestLine = 4 << 10

// Run runs a command line by the shell, with an environment in the form of
// os.Environ, and hands over its output line by line, from the goroutine of
// another function. The command and all that it has started are ended when ctx
// ends or the time is over; what it leaves running is not waited for. An error says how the command ended.
func Run(ctx context.Context, line string, environment []string, timeout time.Duration, output func(line string)) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, "sh", "-c", line)
	cmd.Env = environment
	cmd.WaitDelay = waitDelay
	alone(cmd)
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	told := make(chan struct{})
	go func() { // ends with the writer, which is closed below
		defer close(told)
		lines(r, output)
	}()
	err := cmd.Run()
	_ = w.Close() // it never fails
	<-told
	var status *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("it was ended after %s", timeout)
	case errors.Is(err, exec.ErrWaitDelay): // what it left running goes on
		return nil
	case errors.As(err, &status) && status.ExitCode() >= 0:
		return fmt.Errorf("exit code %d", status.ExitCode())
	}
	return err
}

// lines hands over lines, and cuts those that are too long.
func lines(r io.Reader, output func(string)) {
	in := bufio.NewReaderSize(r, longestLine)
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
