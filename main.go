// Command fleet keeps Daytona sandboxes as a YAML file wants them.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"fleet/internal/cli"
)

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signal.Notify(hangups, syscall.SIGHUP)
	}
	// Whoever reads the output may leave: that is an error of writing then, and
	// not the end of a run half-way.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(cli.Main(cli.Process{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Dir: ".", Lookup: os.LookupEnv, Signals: signals, Hangups: hangups,
	}))
}
