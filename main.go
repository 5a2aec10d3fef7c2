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
	signal.Notify(hangups, syscall.SIGHUP)
	os.Exit(cli.Main(cli.Process{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Dir: ".", Lookup: os.LookupEnv, Signals: signals, Hangups: hangups,
	}))
}
