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

	// Interval returns the time from the end of a pass to the next one. It is asked again
	// while the time passes, so that it can change meanwhile. Nil or 0: no interval.
	Interval func() time.Duration
	Jitter   float64 // the part of Interval by which it varies: 0.1 is 90 % to 110 %

	// Idle is received from whenever the loop waits, so that its sender sees that the loop
	// is alive. Nil is never received from.
	Idle <-chan struct{}

	// NextPass is called with the time at which the interval ends when that is known,
	// and with the zero time when a pass starts. Nil is not called.
	NextPass func(time.Time)

	// Waiting is called with the number of causes that the next pass will serve, when it
	// changes while a pass runs, and with 0 when that pass starts. Nil is not called.
	Waiting func(n int)

	Random func() float64                       // returns a number from 0 up to 1; nil: that of math/rand
	Now    func() time.Time                     // nil: time.Now
	After  func(time.Duration) <-chan time.Time // nil: time.After
}

// withDefaults returns a copy of the options with nil functions replaced.
func (o Options) withDefaults() Options {
	o.Triggers = slices.Clone(o.Triggers)
	if o.Interval == nil {
		o.Interval = func() time.Duration { return 0 }
	}
	if o.Waiting == nil {
		o.Waiting = func(int) {}
	}
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
		l.wait(ctx)
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

	timer   <-chan time.Time // receives when the clock is to be looked at; nil: a pass runs
	since   time.Time        // when the last pass ended, by the clock
	elapsed time.Duration    // since then, by timers
	slept   time.Duration    // how long the timer lasts
	factor  float64          // of the interval, for jitter
	next    time.Time        // when the next pass is due, as it was reported; zero: not at all
}

// start starts a pass for the pending causes.
func (l *loop) start(ctx context.Context) {
	causes := l.pending
	l.pending, l.running, l.timer = nil, true, nil
	l.Waiting(0)
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
	l.since, l.elapsed, l.next = l.Now().Round(0), 0, time.Time{} // by the wall clock
	l.factor = 1 + l.Jitter*(2*l.Random()-1)
	l.sleep()
}

// left returns the time until the next pass of the interval, by timers and by the clock:
// either may stand still or jump. ok is false without an interval.
func (l *loop) left() (left time.Duration, ok bool) {
	interval := time.Duration(l.factor * float64(l.Interval()))
	if interval <= 0 {
		return 0, false
	}
	return min(interval-l.elapsed, l.since.Add(interval).Sub(l.Now().Round(0))), true
}

// sleep sets the timer, and reports when the next pass is due.
func (l *loop) sleep() {
	left, ok := l.left()
	if l.slept = wakeTime; ok {
		l.slept = min(l.slept, max(left, 0))
	}
	l.timer = l.After(l.slept)
	due := time.Time{}
	if ok {
		due = l.Now().Round(0).Add(left)
	}
	if due.Sub(l.next).Abs() > time.Second {
		l.next = due
		l.NextPass(due)
	}
}

// wake asks for a pass if the interval is over.
func (l *loop) wake() {
	l.elapsed += l.slept
	if left, ok := l.left(); !ok || left > 0 {
		l.sleep()
		return
	}
	l.timer = nil
	l.pending = l.pending.add(Cause{Kind: Interval})
}

// wait waits for one event and handles it.
func (l *loop) wait(ctx context.Context) {
	const done, ended, timer, idle, triggers = 0, 1, 2, 3, 4
	cases := make([]reflect.SelectCase, triggers, triggers+len(l.Triggers))
	cases[done], cases[ended], cases[timer] = receiveFrom(ctx.Done()), receiveFrom(l.ended), receiveFrom(l.timer)
	cases[idle] = receiveFrom(l.Idle)
	for _, t := range l.Triggers {
		cases = append(cases, receiveFrom(t))
	}
	switch i, value, open := reflect.Select(cases); {
	case i == done || i == idle:
	case i == ended:
		l.end(value.Interface())
	case i == timer:
		l.wake()
	case !open:
		l.Triggers[i-triggers] = nil
	default:
		if l.pending = l.pending.add(value.Interface().(Cause)); l.running {
			l.Waiting(len(l.pending))
		}
	}
}

// receiveFrom returns the case of a channel. That of a nil channel is never selected.
func receiveFrom[T any](c <-chan T) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
}
