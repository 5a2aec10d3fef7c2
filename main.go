// Command fleet reconciles Daytona sandboxes with a YAML spec.
package main

import (
	"os"

	"fleet/internal/cli"
	"fleet/internal/signals"
)

func main() {
	os.Exit(cli.Main(cli.Process{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Dir: ".", Lookup: os.LookupEnv, Signals: signals.Shutdown, Hangups: signals.Hangups, Exit: os.Exit,
	}))
}
