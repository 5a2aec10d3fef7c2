// Package watch calls a function at the start and whenever a trigger asks for it. A
// trigger is a channel of causes: package files has the one for changed files, and
// package push the one for events of the platform.
package watch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"slices"
	"time"
)

// wakeTime is the longest time that the loop sleeps without looking at the clock: the
// timers of a suspended machine stand still, and its clock does not.
const wakeTime = time.Minute

// Options configure a [Loop]. The zero Options make one pass, at the start.
type Options struct {
	Triggers []<-chan Cause // each cause asks for a pass; a closed trigger is ignored

	Interval time.Duration // from the end of a pass to the next one; 0: no interval
	Jitter   float64       // the part of Interval by which it varies: 0.1 is 90 % to 110 %

	// NextPass is called with the time at which the interval ends when that is known,
	// and with the zero time when a pass starts. Nil is not called.
	NextPass func(time.Time)

	Random func() float64                       // returns a number from 0 up to 1; nil: that of math/rand
	Now    func() time.Time                     // nil: time.Now
	After  func(time.Duration) <-chan time.Time // nil: time.After
}

// withDefaults returns a copy of the options with nil functions replaced.
func (o Options) withDefaults() Options {
	o.Triggers = slices.Clone(o.Triggers)
	if o.NextPass == nil {
		o.NextPass = func(time.Time) {}
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

// Loop calls pass at once and then after each cause, until ctx ends. It returns when
// ctx and the last pass have ended. Passes never overlap: causes during a pass lead
// to one more, with all of them. How a pass ends is up to pass.
func Loop(ctx context.Context, opts Options, pass func(context.Context, Causes)) {
	l := &loop{Options: opts.withDefaults(), pass: pass, ended: make(chan any, 1), pending: Causes{{Kind: Start}}}
	for ctx.Err() == nil {
		if !l.running && len(l.pending) > 0 {
			l.start(ctx)
		}
		l.next(ctx)
	}
	if l.running {
		l.end(<-l.ended)
	}
}

// A loop is a running [Loop]. One goroutine owns it; each pass has a goroutine of its
// own, so that triggers never wait for it.
type loop struct {
	Options
	pass    func(context.Context, Causes)
	pending Causes   // of the next pass
	running bool     // a pass runs
	ended   chan any // receives the panic of a pass, or nil

	timer <-chan time.Time // receives when the clock is to be looked at; nil: no interval, or a pass runs
	due   time.Time        // when the next pass of the interval is due, by the clock
	left  time.Duration    // the time until then, by timers
	slept time.Duration    // how long the timer lasts
}

// start starts a pass for the pending causes.
func (l *loop) start(ctx context.Context) {
	causes := l.pending
	l.pending, l.running, l.timer = nil, true, nil
	l.NextPass(time.Time{})
	go func() {
		var failure any
		defer func() { l.ended <- failure }()
		defer func() {
			if r := recover(); r != nil {
				failure = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
		}()
		l.pass(ctx, causes)
	}()
}

// end ends a pass, and schedules the next one of the interval. A panic of the pass
// continues here.
func (l *loop) end(failure any) {
	if l.running = false; failure != nil {
		panic(failure)
	}
	if l.Interval <= 0 {
		return
	}
	l.left = l.Interval + time.Duration(l.Jitter*(2*l.Random()-1)*float64(l.Interval))
	l.due = l.Now().Round(0).Add(l.left) // by the wall clock
	l.sleep()
	l.NextPass(l.due)
}

// sleep sets the timer.
func (l *loop) sleep() {
	l.slept = min(l.left, wakeTime)
	l.timer = l.After(l.slept)
}

// wake asks for a pass if the interval is over, by the clock or by timers: either may
// stand still or jump.
func (l *loop) wake() {
	l.left -= l.slept
	if l.left > 0 && l.Now().Round(0).Before(l.due) {
		l.sleep()
		return
	}
	l.timer = nil
	l.pending = l.pending.add(Cause{Kind: Interval})
}

// next waits for one event and handles it.
func (l *loop) next(ctx context.Context) {
	const done, ended, timer, triggers = 0, 1, 2, 3
	cases := make([]reflect.SelectCase, triggers, triggers+len(l.Triggers))
	cases[done], cases[ended], cases[timer] = receiveFrom(ctx.Done()), receiveFrom(l.ended), receiveFrom(l.timer)
	for _, t := range l.Triggers {
		cases = append(cases, receiveFrom(t))
	}
	switch i, value, open := reflect.Select(cases); {
	case i == done:
	case i == ended:
		l.end(value.Interface())
	case i == timer:
		l.wake()
	case !open:
		l.Triggers[i-triggers] = nil
	default:
		l.pending = l.pending.add(value.Interface().(Cause))
	}
}

// receiveFrom returns the case of a channel. That of a nil channel is never selected.
func receiveFrom[T any](c <-chan T) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
}
