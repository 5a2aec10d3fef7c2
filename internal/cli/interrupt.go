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
	ctx      context.Context
	cancel   context.CancelFunc
	stop     chan struct{}
	gentle   atomic.Bool
	again    chan os.Signal // hangups that ask for something
	reloads  atomic.Bool    // a hangup asks for something, and ends nothing
	received atomic.Int32
	count    int            // of signals that end something
	exit     func(code int) // where the command does not end, as it waits for who reads its output; nil for none
	ended    chan struct{}
}

func newInterrupt(signals, hangups <-chan os.Signal, exit func(code int)) *interrupt {
	ctx, cancel := context.WithCancel(context.Background())
	i := &interrupt{ctx: ctx, cancel: cancel, stop: make(chan struct{}), again: make(chan os.Signal, 1), ended: make(chan struct{}), exit: exit}
	go func() {
		for {
			select {
			case <-i.ended:
				return
			case s := <-hangups:
				if !i.reloads.Load() {
					i.signal(s)
					continue
				}
				select {
				case i.again <- s:
				default: // it was asked for already
				}
			case s := <-signals:
				i.signal(s)
			}
		}
	}()
	return i
}

// signal takes in a signal that ends something.
func (i *interrupt) signal(s os.Signal) {
	first := true
	if number, ok := s.(syscall.Signal); ok {
		first = i.received.CompareAndSwap(0, int32(number))
	}
	if first {
		close(i.stop)
	}
	if i.count++; i.count > 2 && i.exit != nil {
		i.exit(codeSignal + i.number())
	}
	if !first || !i.gentle.Load() {
		i.cancel()
	}
}

// onHangup lets hangups ask for something, and returns where they do.
func (i *interrupt) onHangup() <-chan os.Signal {
	i.reloads.Store(true)
	return i.again
}

// gently lets the first signal only close the returned channel, until the
// returned function is called.
func (i *interrupt) gently() (stop <-chan struct{}, end func()) {
	i.gentle.Store(true)
	return i.stop, func() {
		i.gentle.Store(false)
		if i.received.Load() != 0 { // what was told to stop gently has: the rest ends, too
			i.cancel()
		}
	}
}

// number is the first signal received, or 0.
func (i *interrupt) number() int { return int(i.received.Load()) }

// end gives back what the interrupt holds.
func (i *interrupt) end() {
	close(i.ended)
	i.cancel()
}
