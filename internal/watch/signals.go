package watch

import (
	"context"
	"os"
)

// Signals is a trigger for the signals of a channel. It must be made by [NewSignals].
type Signals struct {
	signals <-chan os.Signal
	causes  chan Cause
}

// NewSignals returns a trigger, for which [Signals.Run] receives the signals.
func NewSignals(signals <-chan os.Signal) *Signals {
	return &Signals{signals, make(chan Cause)}
}

// Run receives signals until ctx ends or the channel is closed.
func (s *Signals) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case signal, open := <-s.signals:
			if !open {
				return
			}
			select {
			case s.causes <- Cause{Kind: Signal, Detail: signal.String()}:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Causes returns the trigger.
func (s *Signals) Causes() <-chan Cause { return s.causes }
