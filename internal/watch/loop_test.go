package watch

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A site runs a Loop in a synctest bubble. Each pass reports its causes and waits until
// the test ends it.
type site struct {
	t       *testing.T
	starts  chan string
	resume  chan struct{}
	running atomic.Int32
	cancel  context.CancelFunc
	ended   chan struct{}
	next    []time.Time // what NextPass was called with
}

func newSite(t *testing.T, opts Options) *site {
	s := &site{t: t, starts: make(chan string), resume: make(chan struct{}), ended: make(chan struct{})}
	opts.NextPass = func(due time.Time) { s.next = append(s.next, due) }
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(t.Context())
	go func() {
		defer close(s.ended)
		Loop(ctx, opts, s.pass)
	}()
	t.Cleanup(s.end)
	return s
}

func (s *site) pass(ctx context.Context, causes Causes) {
	if s.running.Add(1) > 1 {
		s.t.Error("two passes at once")
	}
	defer s.running.Add(-1)
	select {
	case s.starts <- causes.String():
	case <-ctx.Done():
		return
	}
	select {
	case <-s.resume:
	case <-ctx.Done():
	}
}

func (s *site) end() {
	s.cancel()
	<-s.ended
}

// starting checks the causes of the next pass.
func (s *site) starting(want string) {
	s.t.Helper()
	if got := <-s.starts; got != want {
		s.t.Fatalf("a pass because of %q, want %q", got, want)
	}
}

// finish ends the pass, and waits until the loop is idle.
func (s *site) finish() {
	s.resume <- struct{}{}
	synctest.Wait()
}

// whole checks the causes of the next pass, and ends it.
func (s *site) whole(want string) {
	s.t.Helper()
	s.starting(want)
	s.finish()
}

// nothing checks that no pass is waiting to start.
func (s *site) nothing() {
	s.t.Helper()
	synctest.Wait()
	select {
	case got := <-s.starts:
		s.t.Fatalf("a pass because of %q", got)
	default:
	}
}

// inBubble runs a test in a synctest bubble.
func inBubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

func TestTriggers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		files, events := make(chan Cause), make(chan Cause)
		s := newSite(t, Options{Triggers: []<-chan Cause{files, events}})
		s.whole("start")
		s.nothing()
		files <- Cause{FileChange, "fleet.yaml"}
		s.whole("file change: fleet.yaml")
		events <- Cause{Kind: Push}
		s.whole("platform event")
		close(files) // a trigger that ends leaves the others
		s.nothing()
		events <- Cause{Kind: Push}
		s.whole("platform event")
		time.Sleep(1000 * time.Hour) // without an interval nothing else happens
		s.nothing()
	})
}

// TestCoalesce: what happens during a pass leads to one more, with all causes, and
// blocks no trigger.
func TestCoalesce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		files, events := make(chan Cause), make(chan Cause)
		s := newSite(t, Options{Triggers: []<-chan Cause{files, events}, Interval: every(time.Hour)})
		s.starting("start")
		for range 50 {
			events <- Cause{Kind: Push}
		}
		files <- Cause{FileChange, "a.yaml"}
		files <- Cause{FileChange, "b.yaml"}
		time.Sleep(10 * time.Hour) // the interval starts at the end of the pass
		s.finish()
		s.whole("platform event; file change: a.yaml; file change: b.yaml")
		s.nothing()
	})
}

// TestManyCauses: the causes of a pass are bounded, and no kind is lost.
func TestManyCauses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		files := make(chan Cause)
		s := newSite(t, Options{Triggers: []<-chan Cause{files}})
		s.starting("start")
		for i := range 10_000 {
			files <- Cause{FileChange, fmt.Sprint(i)}
		}
		files <- Cause{Kind: Push}
		s.finish()
		got := <-s.starts
		if n := strings.Count(got, ";"); n != maxCauses || !strings.HasSuffix(got, "; platform event") {
			t.Errorf("%d causes: %s", n+1, got)
		}
		s.finish()
	})
}

func TestInterval(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newSite(t, Options{Interval: every(time.Hour)})
		s.starting("start")
		time.Sleep(5 * time.Hour)
		s.finish()
		for range 3 {
			ended := time.Now()
			s.starting("interval")
			if took := time.Since(ended); took != time.Hour {
				t.Errorf("%v from the end of a pass to the next one", took)
			}
			time.Sleep(5 * time.Hour)
			s.finish()
		}
	})
}

// TestIntervalRestarts: each pass restarts the interval.
func TestIntervalRestarts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		files := make(chan Cause)
		s := newSite(t, Options{Triggers: []<-chan Cause{files}, Interval: every(time.Hour)})
		s.whole("start")
		for range 5 {
			time.Sleep(59 * time.Minute)
			files <- Cause{Kind: FileChange}
			s.whole("file change")
		}
		time.Sleep(59 * time.Minute)
		s.nothing()
		s.whole("interval")
	})
}

func TestJitter(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		values := []float64{0, 0.5, 0.9999999}
		want := []time.Duration{54 * time.Minute, 60 * time.Minute, 66 * time.Minute}
		drawn := 0
		s := newSite(t, Options{Interval: every(time.Hour), Jitter: 0.1, Random: func() float64 {
			drawn++
			return values[(drawn-1)%len(values)]
		}})
		s.whole("start")
		for _, d := range want {
			ended := time.Now()
			s.starting("interval")
			if took := time.Since(ended).Round(time.Second); took != d {
				t.Errorf("a pass after %v, want %v", took, d)
			}
			s.finish()
		}
	})
}

// TestNextPass: the loop reports when the next pass of the interval is due.
func TestNextPass(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newSite(t, Options{Interval: every(time.Hour)})
		s.starting("start")
		time.Sleep(time.Minute)
		s.finish()
		due := time.Now().Add(time.Hour)
		s.starting("interval")
		synctest.Wait()
		if len(s.next) != 3 || !s.next[0].IsZero() || !s.next[1].Equal(due) || !s.next[2].IsZero() {
			t.Errorf("reported: %v; want none, %v, none", s.next, due)
		}
	})
}

// TestSuspended: the interval ends by the clock, even if timers stood still, and by
// timers, even if the clock is set back.
func TestSuspended(t *testing.T) {
	for name, jump := range map[string]time.Duration{"suspended": 8 * time.Hour, "set back": -8 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var offset atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
				s := newSite(t, Options{Interval: every(time.Hour), Now: now})
				s.whole("start")
				ended := time.Now()
				offset.Store(int64(jump))
				s.starting("interval")
				took := time.Since(ended)
				if jump > 0 && took > wakeTime || jump < 0 && took != time.Hour {
					t.Errorf("the pass came %v after the jump", took)
				}
			})
		})
	}
}

// TestNoPassAfterTheEnd: a loop whose context has ended starts no pass, even if a
// trigger is ready.
func TestNoPassAfterTheEnd(t *testing.T) {
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		ready := make(chan Cause, 1)
		ready <- Cause{Kind: Push}
		passes := 0
		Loop(ctx, Options{Triggers: []<-chan Cause{ready}}, func(context.Context, Causes) { passes++; cancel() })
		if passes != 1 {
			t.Fatalf("%d passes", passes)
		}
	}
}

// TestEndWaits: Loop returns after the pass that runs.
func TestEndWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		finished := false
		Loop(ctx, Options{}, func(context.Context, Causes) {
			cancel()
			time.Sleep(time.Hour)
			finished = true
		})
		if !finished {
			t.Error("Loop returned during a pass")
		}
	})
}

// TestPanic: the panic of a pass is one of Loop, whose caller may handle it.
func TestPanic(t *testing.T) {
	defer func() {
		if r := fmt.Sprint(recover()); !strings.HasPrefix(r, "broken\n") || !strings.Contains(r, "TestPanic") {
			t.Errorf("recovered %q", r)
		}
	}()
	Loop(t.Context(), Options{}, func(context.Context, Causes) { panic("broken") })
	t.Error("Loop returned")
}

func TestSignals(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		signals := make(chan os.Signal, 1)
		trigger := NewSignals(signals)
		go trigger.Run(t.Context())
		s := newSite(t, Options{Triggers: []<-chan Cause{trigger.Causes()}})
		s.whole("start")
		signals <- syscall.SIGHUP
		s.whole("signal: hangup")
		close(signals)
		s.nothing()
	})
}

// TestRequests: equal requests during a pass are one, and none of them blocks.
func TestRequests(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := NewRequests()
		for range 10 {
			r.Ask("command") // before the loop
		}
		s := newSite(t, Options{Triggers: []<-chan Cause{r.Causes()}})
		s.starting("start")
		for range 10 {
			synctest.Wait()
			r.Ask("page")
		}
		s.finish()
		s.whole("request: command; request: page")
		s.nothing()
	})
}

// every returns an interval that does not change.
func every(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

// TestIntervalShrinks: an interval that becomes shorter holds for the pass that is due.
func TestIntervalShrinks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var interval atomic.Int64
		interval.Store(int64(time.Hour))
		s := newSite(t, Options{Interval: func() time.Duration { return time.Duration(interval.Load()) }})
		s.whole("start")
		ended := time.Now()
		time.Sleep(10 * time.Minute)
		interval.Store(int64(time.Minute))
		s.starting("interval")
		if took := time.Since(ended); took > 11*time.Minute {
			t.Errorf("the pass came after %v", took)
		}
	})
}

// TestWaiting: the loop reports how many causes wait for the pass that runs.
func TestWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var reported []int
		files := make(chan Cause)
		s := newSite(t, Options{Triggers: []<-chan Cause{files}, Waiting: func(n int) { reported = append(reported, n) }})
		s.starting("start")
		files <- Cause{Kind: FileChange, Detail: "a"}
		files <- Cause{Kind: FileChange, Detail: "b"}
		s.finish()
		s.whole("file change: a; file change: b")
		if want := []int{0, 1, 2, 0}; !slices.Equal(reported, want) {
			t.Errorf("reported %v, want %v", reported, want)
		}
	})
}
