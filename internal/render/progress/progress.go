package progress

import (
	"io"
	"sync"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
)

// A Progress shows a run while it goes on. One goroutine owns what is shown; it
// ends with Close.
type Progress struct {
	events     chan apply.Event
	rateLimits chan time.Duration
	closed     chan struct{}
	failed     any // what the goroutine panicked with; read after closed
	once       sync.Once
}

// Options say how a run is shown.
type Options struct {
	Total int // steps that do something
	Style term.Style
	Logs  bool // show the logs of builds as they come, and not only of those that fail; of no meaning with Screen

	// Screen is the size of the terminal, asked for at each drawing: it may
	// change. A live view is then kept below the lines; nil is no terminal, and
	// there are just lines.
	Screen func() (columns, rows int)
}

// A shower shows what a Progress is told.
type progressView interface {
	event(e apply.Event, now time.Time)
	rateLimited(wait time.Duration, now time.Time)
	tick(now time.Time)
	close()
}

// How often a shower is told the time: drawing more often is more than anybody
// can read, and lines come seldom.
const (
	drawInterval = 100 * time.Millisecond
	lineInterval = time.Second
)

// NewProgress shows a run on out until it is closed.
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

// Event takes in one event. It must not be called after Close.
func (p *Progress) Event(e apply.Event) {
	select {
	case p.events <- e:
	case <-p.closed: // by a panic, which Close tells
	}
}

// RateLimited takes in that requests begin to wait for a rate limit of the server.
func (p *Progress) RateLimited(wait time.Duration) {
	select {
	case p.rateLimits <- wait:
	case <-p.closed:
	}
}

// Close shows what was not shown yet, leaves a clean screen, and returns when
// the goroutine has ended. What that panicked with, Close panics with. It may be
// called again.
func (p *Progress) Close() {
	p.once.Do(func() {
		close(p.events)
		<-p.closed
		if p.failed != nil {
			panic(p.failed)
		}
	})
}
