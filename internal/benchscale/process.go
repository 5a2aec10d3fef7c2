package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A metric is something that is measured of a run.
type metric string

const (
	wall     metric = "wall"     // seconds
	cpu      metric = "CPU"      // seconds in user and system mode
	memory   metric = "memory"   // peak in MB
	requests metric = "requests" // that reached the server
	output   metric = "output"   // kB on standard output
)

// A sample is what one run took.
type sample map[metric]float64

// run runs a command on the clients' core and measures it. An exit code that is not
// among codes is an error.
func (b *bench) run(ctx context.Context, dir string, env, command []string, codes ...int) (sample, error) {
	command = append(b.pin(clientCore), command...)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var out counter
	var problems tail
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), env...), &out, &problems
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(append(codes, 0), code) {
		return nil, fmt.Errorf("%v: exit code %d: %s", command, code, problems.text)
	}
	return sample{
		wall: took.Seconds(), cpu: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
		memory: peakMemory(cmd.ProcessState) / 1e6, output: float64(out) / 1e3,
	}, nil
}

// A counter counts the bytes that are written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// A tail holds the last bytes that are written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = bytes.Clone(t.text[max(0, len(t.text)-2000):])
	return len(p), nil
}

// least returns the smallest value of a metric.
func least(samples []sample, m metric) float64 {
	smallest := samples[0][m]
	for _, s := range samples {
		smallest = min(smallest, s[m])
	}
	return smallest
}

// median returns the median of a metric.
func median(samples []sample, m metric) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, s[m])
	}
	slices.Sort(values)
	return values[len(values)/2]
}
