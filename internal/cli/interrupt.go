package cli

import (
	"context"
	"os"
	"sync/atomic"
	"syscall"
)

// An interrupt turns signals into the end of a context. While a run is told to
// stop by its own channel, the first signal closes only that.
type interrupt struct {
	ctx            context.Context
	cancel         context.CancelFunc
	stop           chan struct{}
	graceful       atomic.Bool
	reload         chan os.Signal // hangups that ask for something
	reloadOnHangup atomic.Bool    // a hangup asks for something, and ends nothing
	received       atomic.Int32
	signalCount    int            // of signals that end something
	exit           func(code int) // where the command does not end, as it waits for who reads its output; nil for none
	done           chan struct{}
}

func newInterrupt(signals, hangups <-chan os.Signal, exit func(code int)) *interrupt {
	ctx, cancel := context.WithCancel(context.Background())
	i := &interrupt{ctx: ctx, cancel: cancel, stop: make(chan struct{}), reload: make(chan os.Signal, 1), done: make(chan struct{}), exit: exit}
	go func() {
		for {
			select {
			case <-i.done:
				return
			case s := <-hangups:
				if !i.reloadOnHangup.Load() {
					i.handleSignal(s)
					continue
				}
				select {
				case i.reload <- s:
				default: // it was asked for already
				}
			case s := <-signals:
				i.handleSignal(s)
			}
		}
	}()
	return i
}

// handleSignal takes in a signal that ends something.
func (i *interrupt) handleSignal(s os.Signal) {
	first := true
	if number, ok := s.(syscall.Signal); ok {
		first = i.received.CompareAndSwap(0, int32(number))
	}
	if first {
		close(i.stop)
	}
	if i.signalCount++; i.signalCount > 2 && i.exit != nil {
		i.exit(codeSignal + i.signalNumber())
	}
	if !first || !i.graceful.Load() {
		i.cancel()
	}
}

// reloadRequests lets hangups ask for something, and returns where they do.
func (i *interrupt) reloadRequests() <-chan os.Signal {
	i.reloadOnHangup.Store(true)
	return i.reload
}

// beginGraceful lets the first signal only close the returned channel, until the
// returned function is called.
func (i *interrupt) beginGraceful() (stop <-chan struct{}, end func()) {
	i.graceful.Store(true)
	return i.stop, func() {
		i.graceful.Store(false)
		if i.received.Load() != 0 { // what was told to stop gently has: the rest ends, too
			i.cancel()
		}
	}
}

// signalNumber is the first signal received, or 0.
func (i *interrupt) signalNumber() int { return int(i.received.Load()) }

// close gives back what the interrupt holds.
func (i *interrupt) close() {
	close(i.done)
	i.cancel()
}
