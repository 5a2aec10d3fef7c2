// Package signals receives the signals that end fleet, from the moment the program is
// loaded. It imports only packages of the operating system, so that it is initialized
// before nearly all other packages, whose initialization takes most of the time until
// main.
package signals

import (
	"os"
	"os/signal"
	"syscall"
)

// The channels buffer the signals that arrive before they are read.
var (
	Shutdown = make(chan os.Signal, 2) // SIGINT and SIGTERM
	Hangups  = make(chan os.Signal, 1) // SIGHUP, unless it is ignored as under nohup
)

func init() {
	signal.Notify(Shutdown, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(Hangups, syscall.SIGHUP)
	}
	// If the reader of the output goes away, a write fails; the signal must not end a
	// run half-way.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}
