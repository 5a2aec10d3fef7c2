// Package progress shows a run while its plan is applied: as lines, or as a live
// view on a terminal.
package progress

import (
	"io"
	"sync"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
)

// A Progress shows a run while its plan is applied. One goroutine owns the
// output; it ends with Close.
type Progress struct {
	events     chan apply.Event
	rateLimits chan time.Duration
	closed     chan struct{}
	failed     any // the goroutine's panic; read after closed
	once       sync.Once
}

// Options are how a run is shown.
type Options struct {
	Total int // number of steps that do something
	Style term.Style
	Logs  bool // print the logs of all builds as they arrive, not only the ends of failed ones

	// Commands returns the stream for commands to GitHub Actions, which fold the logs of
	// builds. It writes to the same place as the lines. nil means that nothing is folded.
	Commands func() io.Writer

	// Screen returns the size of the terminal. It is called for each drawing,
	// since the size may change. A live view is then kept below the lines. nil
	// means that there is no terminal: only lines are printed.
	Screen func() (columns, rows int)
}

// A progressView shows the events of a Progress.
type progressView interface {
	event(e apply.Event, now time.Time)
	rateLimited(wait time.Duration, now time.Time)
	tick(now time.Time)
	close()
}

// Intervals of tick. A view that is drawn more often is not easier to follow. Lines wait
// for others that they are folded with.
const (
	drawInterval = 100 * time.Millisecond
	lineInterval = 200 * time.Millisecond
)

// New shows a run on out until Close is called.
func New(out io.Writer, o Options) *Progress {
	p := &Progress{events: make(chan apply.Event), rateLimits: make(chan time.Duration), closed: make(chan struct{})}
	now := time.Now()
	var s progressView = newPlainProgress(out, o, now)
	every := lineInterval
	if o.Screen != nil {
		s, every = newLiveProgress(out, o, now), drawInterval
	}
	go p.run(s, every)
	return p
}

func (p *Progress) run(s progressView, every time.Duration) {
	defer close(p.closed)
	defer func() { p.failed = recover() }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	s.tick(time.Now())
	for {
		select {
		case e, open := <-p.events:
			if !open {
				s.close()
				return
			}
			s.event(e, time.Now())
		case wait := <-p.rateLimits:
			s.rateLimited(wait, time.Now())
		case now := <-tick.C:
			s.tick(now)
		}
	}
}

// Event shows an event. It must not be called after Close.
func (p *Progress) Event(e apply.Event) {
	select {
	case p.events <- e:
	case <-p.closed: // by a panic, which Close repeats
	}
}

// RateLimited shows that requests wait for a rate limit of the server. It may be
// called concurrently, and after Close.
func (p *Progress) RateLimited(wait time.Duration) {
	select {
	case p.rateLimits <- wait:
	case <-p.closed:
	}
}

// Close prints the pending lines, removes the view, and returns when the
// goroutine has ended. It repeats a panic of the goroutine. It may be called
// again.
func (p *Progress) Close() {
	p.once.Do(func() {
		close(p.events)
		<-p.closed
		if p.failed != nil {
			panic(p.failed)
		}
	})
}
