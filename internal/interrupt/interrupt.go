// Package interrupt turns signals into the end of a context, or into a request
// to stop gracefully.
package interrupt

import (
	"context"
	"os"
	"sync/atomic"
	"syscall"

	"fleet/internal/exit"
)

// maxSignals is the number of signals after which the process exits even if the
// command is still running.
const maxSignals = 2

// An Interrupt owns the goroutine that receives the signals of one command. The
// first signal ends Context; during a graceful stop it only closes a channel,
// and the second one ends Context.
type Interrupt struct {
	Context context.Context // ends with the command's interruption

	cancel         context.CancelFunc
	stop           chan struct{}
	graceful       atomic.Bool
	reload         chan os.Signal
	reloadOnHangup atomic.Bool
	first          atomic.Int32   // the first signal; 0 before
	count          int            // signals received, without reloads; owned by the goroutine
	exitProcess    func(code int) // ends the process at the third signal; may be nil
	done           chan struct{}
}

// New starts to receive signals. The caller must call Close. exitProcess ends
// the process if a command does not end after two signals, for example because it
// waits for the reader of its output; nil never does.
func New(signals, hangups <-chan os.Signal, exitProcess func(code int)) *Interrupt {
	ctx, cancel := context.WithCancel(context.Background())
	i := &Interrupt{
		Context: ctx, cancel: cancel, stop: make(chan struct{}), reload: make(chan os.Signal, 1), done: make(chan struct{}), exitProcess: exitProcess,
	}
	go i.receive(signals, hangups)
	return i
}

func (i *Interrupt) receive(signals, hangups <-chan os.Signal) {
	for {
		select {
		case <-i.done:
			return
		case s := <-hangups:
			if !i.reloadOnHangup.Load() {
				i.handle(s)
				continue
			}
			select {
			case i.reload <- s:
			default: // a reload is pending already
			}
		case s := <-signals:
			i.handle(s)
		}
	}
}

// handle counts a signal that ends the command.
func (i *Interrupt) handle(s os.Signal) {
	first := true
	if number, ok := s.(syscall.Signal); ok {
		first = i.first.CompareAndSwap(0, int32(number))
	}
	if first {
		close(i.stop)
	}
	if i.count++; i.count > maxSignals && i.exitProcess != nil {
		i.exitProcess(exit.Signal + i.Signal())
	}
	if !first || !i.graceful.Load() {
		i.cancel()
	}
}

// Reloads makes SIGHUP a request to reload, which no longer ends the command,
// and returns the channel of these requests.
func (i *Interrupt) Reloads() <-chan os.Signal {
	i.reloadOnHangup.Store(true)
	return i.reload
}

// BeginGraceful makes the first signal only close the returned channel, until
// end is called. If a signal was received by then, end ends Context.
func (i *Interrupt) BeginGraceful() (stop <-chan struct{}, end func()) {
	i.graceful.Store(true)
	return i.stop, func() {
		i.graceful.Store(false)
		if i.first.Load() != 0 {
			i.cancel()
		}
	}
}

// Signal returns the number of the first signal received, or 0.
func (i *Interrupt) Signal() int { return int(i.first.Load()) }

// Close stops the goroutine and ends Context.
func (i *Interrupt) Close() {
	close(i.done)
	i.cancel()
}
