// Package signals receives the signals that end fleet, from the moment the
// program is loaded: it needs only the system, so that it is initialized before
// nearly all other packages, which take most of the time until main.
package signals

import (
	"os"
	"os/signal"
	"syscall"
)

// What is received before anybody reads is kept.
var (
	Shutdown = make(chan os.Signal, 2) // SIGINT and SIGTERM
	Hangups  = make(chan os.Signal, 1) // SIGHUP, unless it is ignored as under nohup
)

func init() {
	signal.Notify(Shutdown, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(Hangups, syscall.SIGHUP)
	}
	// Whoever reads the output may leave: that is an error of writing then, and
	// not the end of a run half-way.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}
